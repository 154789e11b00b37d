// Makes updates.jsonl with Yjs 13.6.31: node updates_gen.mjs > updates.jsonl (where `yjs` and `lib0` can be imported).
// Each line is one case: updates in both formats, and what Yjs makes of them. Bytes are base64.
import * as Y from 'yjs'
import * as encoding from 'lib0/encoding'

const b64 = u => Buffer.from(u).toString('base64')
const random = seed => { let s = (Math.imul(seed, 2654435761) + 1) >>> 0; return () => { s = (s + 0x6D2B79F5) >>> 0; let t = s; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296 } }
const clientIDs = [1, 9007199254740991, 127, 128, 4294967295, 4294967296123, 300]

// What Yjs makes of a list of updates.
const results = (name, u1, u2, rnd) => {
  const m1 = Y.mergeUpdates(u1); const m2 = Y.mergeUpdatesV2(u2)
  const vectors = [new Map(), Y.decodeStateVector(Y.encodeStateVectorFromUpdate(m1))]
  const { from, to } = Y.parseUpdateMeta(m1)
  vectors.push(new Map([...to].map(([c, k]) => [c, Math.floor(rnd() * (k + 1))])))
  const plain = { formatting: false, subdocs: false, yxml: false }
  return {
    name, u1: u1.map(b64), u2: u2.map(b64), m1: b64(m1), m2: b64(m2),
    c12: b64(Y.convertUpdateFormatV1ToV2(m1)), c21: b64(Y.convertUpdateFormatV2ToV1(m2)),
    o1: b64(Y.obfuscateUpdate(m1)), o2: b64(Y.obfuscateUpdateV2(m2)), p1: b64(Y.obfuscateUpdate(m1, plain)),
    sv1: b64(Y.encodeStateVectorFromUpdate(m1)), sv2: b64(Y.encodeStateVectorFromUpdateV2(m2)),
    meta: [...from].map(([c, f]) => [String(c), f, to.get(c)]),
    diffs: vectors.slice(1).map(v => { const sv = Y.encodeStateVector(v); return [b64(sv), b64(Y.diffUpdate(m1, sv)), b64(Y.diffUpdateV2(m2, sv))] })
  }
}

// Three documents that edit at once, hear of some of each other's changes and collect garbage.
const session = (seed, edited = 22) => {
  const rnd = random(seed); const ri = n => Math.floor(rnd() * n); const pick = x => x[ri(x.length)]
  const docs = [0, 1, 2].map(i => { const d = new Y.Doc({ gc: seed % 3 !== 0 }); d.clientID = clientIDs[(seed + 2 * i) % clientIDs.length]; return d })
  const u1 = []; const u2 = []
  docs.forEach(d => { d.on('update', (u, o) => o === 'local' && u1.push(u)); d.on('updateV2', (u, o) => o === 'local' && u2.push(u)) })
  const words = ['a', 'bc', 'x\n', 'é', '日本', '😀', 'a😀b', '"\\\u0001']
  const word = () => pick(words) + pick(words)
  const value = () => pick([null, true, false, 0, -0, 1, -64, 2147483647, 2147483648, 0.5, 0.1, 1e100, NaN, '', word(), [1, [2]], { b: 1, a: null, 2: 'x' }, new Uint8Array([1, 2, 255])])
  const type = () => pick([() => new Y.Array(), () => new Y.Map(), () => new Y.Text(word()), () => new Y.XmlElement(pick(['p', 'div'])), () => new Y.XmlFragment(), () => new Y.XmlText(word()), () => new Y.XmlHook(pick(['h', 'p'])),
    () => new Y.Doc({ guid: 'guid-' + ri(9), ...pick([{}, { gc: false }, { autoLoad: true }, { meta: { m: word() } }]) })])()
  const edits = [
    d => d.getText('text').insert(ri(d.getText('text').length + 1), word()),
    d => d.getText('text').insert(ri(d.getText('text').length + 1), word(), { [pick(['bold', 'color'])]: pick([true, null, '#f00', 7, { a: [1] }, 'ü"']) }),
    d => { const t = d.getText('text'); if (t.length > 4) t.format(ri(t.length - 3), 3, { [pick(['bold', 'i'])]: pick([true, null, {}]) }) },
    d => { const t = d.getText('text'); if (t.length > 3) t.delete(ri(t.length - 2), 2) },
    d => d.getText('text').insertEmbed(ri(d.getText('text').length + 1), pick([{ image: word() }, [1, 'e'], 5])),
    d => d.getArray('array').insert(ri(d.getArray('array').length + 1), Array.from({ length: 1 + ri(3) }, value)),
    d => d.getArray('array').insert(0, [type()]),
    d => { const a = d.getArray('array'); if (a.length > 2) a.delete(ri(a.length - 1), 2) },
    d => d.getMap('map').set(pick(['k', 'ключ', '', 'long key']), pick([value, type, () => undefined, () => 1234567890123456789n])()),
    d => d.getMap('map').delete(pick(['k', ''])),
    d => { const x = d.getXmlFragment('xml'); const e = new Y.XmlElement(pick(['p', 'b'])); x.insert(0, [e]); e.setAttribute('id', word()); e.insert(0, [new Y.XmlText(word())]) },
    d => { const x = d.getXmlFragment('xml'); if (x.length > 1) x.delete(0, 1) }
  ]
  for (let i = 0; i < edited; i++) {
    const d = pick(docs)
    d.transact(() => { for (let n = 1 + ri(2); n--;) pick(edits)(d) }, 'local')
    if (rnd() < 0.4) { const to = pick(docs); Y.applyUpdate(to, Y.encodeStateAsUpdate(d, Y.encodeStateVector(to)), 'remote') }
  }
  // A third of the updates stay away, so that there are gaps; whole documents, some of it collected, overlap with the rest.
  const keep = u1.map(() => seed % 2 === 0 || rnd() < 0.7)
  const order = u1.map((_, i) => i).filter(i => keep[i]); if (seed % 4 > 1) order.sort(() => rnd() - 0.5)
  const a1 = order.map(i => u1[i]); const a2 = order.map(i => u2[i])
  if (seed % 3 > 0) { const d = pick(docs); const at = ri(a1.length + 1); a1.splice(at, 0, Y.encodeStateAsUpdate(d)); a2.splice(at, 0, Y.encodeStateAsUpdateV2(d)) }
  return results('session ' + seed, a1, a2, rnd)
}

// Updates made struct by struct: overlapping runs, collected ranges beside items, gaps, and the JSON content of old versions.
const raw = (seed, count, spread = 12) => {
  const rnd = random(seed + 1000); const ri = n => Math.floor(rnd() * n); const pick = x => x[ri(x.length)]
  const content = () => pick([
    () => new Y.ContentString('abcdefgh'.slice(0, 1 + ri(8))), () => new Y.ContentString(pick(['a😀b', '😀😀', 'é😀'])),
    () => new Y.ContentAny(Array.from({ length: 1 + ri(4) }, () => pick([1, 'x', null, { a: [undefined] }]))), () => new Y.ContentDeleted(1 + ri(6)),
    () => new Y.ContentJSON(Array.from({ length: 1 + ri(3) }, () => pick([undefined, null, 1.5, 'ü"', { b: [1], a: {} }]))),
    () => new Y.ContentBinary(new Uint8Array([ri(256)])), () => new Y.ContentEmbed({ n: ri(300) }), () => new Y.ContentFormat(pick(['b', 'i']), pick([true, null, 1]))])()
  const updates = { 1: [], 2: [] }
  for (let i = 0; i < count; i++) {
    const parts = pick([[5], [9007199254740991, 5], [5, 2]]).map(client => {
      const structs = []; let clock = ri(spread)
      for (let n = 1 + ri(4); n--;) {
        const kind = rnd()
        const struct = kind < 0.25 ? new Y.GC(Y.createID(client, clock), 1 + ri(5)) : kind < 0.35 && structs.length > 0 && n > 0 ? new Y.Skip(Y.createID(client, clock), 1 + ri(3))
          : new Y.Item(Y.createID(client, clock), null, rnd() < 0.5 && clock > 0 ? Y.createID(client, clock - 1) : null, null, rnd() < 0.3 ? Y.createID(9, ri(200)) : null, pick(['root', Y.createID(8, 3)]), null, content())
        if (struct instanceof Y.Item && struct.origin === null && struct.rightOrigin === null && rnd() < 0.3) struct.parentSub = pick(['key', 'ß'])
        structs.push(struct); clock += struct.length
      }
      return { client, structs }
    })
    for (const v of [1, 2]) {
      const e = v === 1 ? new Y.UpdateEncoderV1() : new Y.UpdateEncoderV2()
      encoding.writeVarUint(e.restEncoder, parts.length)
      for (const { client, structs } of parts) {
        encoding.writeVarUint(e.restEncoder, structs.length); e.writeClient(client); encoding.writeVarUint(e.restEncoder, structs[0].id.clock)
        for (const s of structs) s.write(e, 0)
      }
      encoding.writeVarUint(e.restEncoder, 1); e.resetDsCurVal(); encoding.writeVarUint(e.restEncoder, 5); encoding.writeVarUint(e.restEncoder, 2)
      for (const [clock, length] of [[i, 2], [i + 4, 1 + i % 3]]) { e.writeDsClock(clock); e.writeDsLen(length) }
      updates[v].push(e.toUint8Array())
    }
  }
  return results(`raw ${seed} of ${count}`, updates[1], updates[2], rnd)
}

const cases = []
for (let seed = 1; seed <= 24; seed++) cases.push(session(seed))
for (let seed = 1; seed <= 30; seed++) cases.push(raw(seed, 2 + seed % 6))
cases.push(raw(31, 40))
// From 64 updates on, V8 sorts in another way.
cases.push(raw(32, 66, 1200), session(48, 75))
for (const c of cases) console.log(JSON.stringify(c))
