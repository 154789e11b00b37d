// Writes protocols.json: frames of y-protocols 1.0.7 as y-websocket 3.0.0 wraps them, and the histories of random awareness
// sessions. node protocols_gen.mjs > protocols.json, beside node_modules with yjs, lib0 and y-protocols.
let now = 1000000
const intervals = []
Date.now = () => now // before lib0 takes hold of it
globalThis.setInterval = f => { intervals.push(f); return 0 }
globalThis.clearInterval = () => {}
const Y = await import('yjs')
const encoding = await import('lib0/encoding')
const decoding = await import('lib0/decoding')
const sync = await import('y-protocols/sync.js')
const auth = await import('y-protocols/auth.js')
const aw = await import('y-protocols/awareness.js')

const hex = bytes => Buffer.from(bytes).toString('hex')
const frame = (kind, write) => { const e = encoding.createEncoder(); encoding.writeVarUint(e, kind); write(e); return hex(encoding.toUint8Array(e)) }
let state = 7
const random = n => {
  state = (state + 0x9e3779b9) >>> 0
  let x = state
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad); x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return ((x ^ (x >>> 15)) >>> 0) % n
}
const pick = list => list[random(list.length)]

// Two documents meet: every frame in order, and what each document says about itself
const doc = id => { const d = new Y.Doc(); d.clientID = id; return d }
const meeting = () => {
  const left = doc(1); const right = doc(2)
  left.getText('t').insert(0, 'left 😀'); left.getText('t').delete(0, 1)
  right.getMap('m').set('k', { a: [1, 2.5, null] })
  const steps = []
  const describe = d => ({ stateVector: hex(Y.encodeStateVector(d)), all: hex(Y.encodeStateAsUpdate(d)) })
  const start = (from) => frame(0, e => sync.writeSyncStep1(e, from))
  const deliver = (name, to, message) => {
    const before = describe(to)
    const e = encoding.createEncoder(); encoding.writeVarUint(e, 0)
    const d = decoding.createDecoder(Buffer.from(message, 'hex')); decoding.readVarUint(d)
    const type = sync.readSyncMessage(d, e, to, name)
    const reply = encoding.length(e) > 1 ? hex(encoding.toUint8Array(e)) : null
    steps.push({ to: name, frame: message, type, before, after: describe(to), reply })
    return reply
  }
  const l = start(left); const r = start(right)
  deliver('left', left, deliver('right', right, l))
  deliver('right', right, deliver('left', left, r))
  let update
  left.on('update', u => { update = u })
  left.getText('t').insert(2, 'new')
  deliver('right', right, frame(0, e => sync.writeUpdate(e, update)))
  return steps
}

const messages = [
  ['permissionDenied', '', frame(2, e => auth.writePermissionDenied(e, ''))],
  ['permissionDenied', 'read only é😀', frame(2, e => auth.writePermissionDenied(e, 'read only é😀'))],
  ['queryAwareness', '', frame(3, () => {})],
  ['awareness', '00', frame(1, e => encoding.writeVarUint8Array(e, Uint8Array.from([0])))]
]

// Awareness sessions
const json = () => pick([{}, { name: 'a' }, { name: 'b', cursor: { anchor: 1, head: 2 } }, { b: 1, a: 2 }, { a: 2, b: 1 }, { 1: 'x', 0: 'y', é: '😀' }, { list: [1, 2.5, null, true, 'q"\\'] }, null])
const session = length => {
  intervals.length = 0
  now = 1000000
  const ids = [5, 2 ** 31 + 1, 2 ** 53 - 1, 77]
  const actors = ids.map(id => new aw.Awareness(doc(id)))
  const ticks = intervals.slice()
  let events = []
  for (const a of actors) {
    a.on('change', (c, origin) => events.push(['change', c.added, c.updated, c.removed, origin]))
    a.on('update', (c, origin) => events.push(['update', c.added, c.updated, c.removed, origin]))
  }
  const updates = []
  const steps = []
  const encodeAll = a => hex(aw.encodeAwarenessUpdate(a, Array.from(a.getStates().keys())))
  for (let i = 0; i < length; i++) {
    now += pick([0, 1, 100, 1000, 3000, 9000])
    const who = random(actors.length); const a = actors[who]
    const step = { who, now: now - 1000000 }
    events = []
    switch (random(10)) {
      case 0: case 1: { const s = json(); step.op = 'set'; step.json = JSON.stringify(s); a.setLocalState(s); break }
      case 2: { const k = pick(['name', '3', 'x']); const v = pick([1, 'z', null, [0]]); step.op = 'field'; step.key = k; step.json = JSON.stringify(v); a.setLocalStateField(k, v); break }
      case 3: case 4: case 5: {
        const from = pick(actors)
        const known = Array.from(random(2) ? from.getStates().keys() : from.meta.keys())
        const u = aw.encodeAwarenessUpdate(from, known); updates.push(u)
        step.op = 'apply'; step.update = hex(u); aw.applyAwarenessUpdate(a, u, 'peer'); break
      }
      case 6: if (updates.length > 0) { const u = pick(updates); step.op = 'apply'; step.update = hex(u); aw.applyAwarenessUpdate(a, u, 'peer'); break }
      // eslint-disable-next-line no-fallthrough
      case 7: { // any claim about anybody
        const e = encoding.createEncoder(); const n = random(4); encoding.writeVarUint(e, n)
        for (let j = 0; j < n; j++) {
          const id = pick([...ids, 900 + random(3)])
          encoding.writeVarUint(e, id)
          encoding.writeVarUint(e, Math.max(0, (a.meta.get(id)?.clock ?? 0) + random(4) - 1))
          encoding.writeVarString(e, JSON.stringify(json(), null, random(2)))
        }
        const u = encoding.toUint8Array(e)
        step.op = 'apply'; step.update = hex(u); aw.applyAwarenessUpdate(a, u, 'peer'); break
      }
      case 8: { const list = [pick(ids), pick(ids), 901]; step.op = 'remove'; step.ids = list.map(String); aw.removeAwarenessStates(a, list, 'peer'); break }
      case 9: { now += pick([0, 15000, 30000]); step.now = now - 1000000; step.op = 'tick'; ticks[who](); break }
    }
    step.events = events.map(([n, x, y, z, o]) => ({ name: n, added: x.map(String), updated: y.map(String), removed: z.map(String), origin: o }))
    step.all = encodeAll(a)
    step.known = hex(aw.encodeAwarenessUpdate(a, Array.from(a.meta.keys()).sort((p, q) => p - q)))
    steps.push(step)
  }
  return steps
}
const modified = []
for (let i = 0; i < 20; i++) {
  const e = encoding.createEncoder(); const n = random(4); encoding.writeVarUint(e, n)
  for (let j = 0; j < n; j++) { encoding.writeVarUint(e, random(1000)); encoding.writeVarUint(e, random(1000)); encoding.writeVarString(e, JSON.stringify(json(), null, random(2))) }
  const u = encoding.toUint8Array(e)
  modified.push([hex(u), hex(aw.modifyAwarenessUpdate(u, s => s === null ? null : { ...s, name: 'checked' }))])
}
const sessions = Array.from({ length: 12 }, () => session(60))
const line = x => JSON.stringify(x)
process.stdout.write('{\n"meeting": [\n' + meeting().map(line).join(',\n') + '\n],\n"messages": [\n' + messages.map(line).join(',\n') + '\n],\n"modified": [\n' + modified.map(line).join(',\n') +
  '\n],\n"sessions": [\n' + sessions.map(s => '[\n' + s.map(line).join(',\n') + '\n]').join(',\n') + '\n]\n}\n')
