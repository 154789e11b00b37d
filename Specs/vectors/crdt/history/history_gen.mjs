#!/usr/bin/env node
// Writes history.json: what Yjs 13.6.31 makes of relative positions, snapshots and undo. Needs node 20 and yjs under node_modules.
// usage: node history_gen.mjs > history.json
// Byte strings are base64. Time is faked: Date.now() is `clock` milliseconds.
let clock = 1_000_000
Date.now = () => clock
const Y = await import('yjs')
let seed = 1
const rnd = () => { seed = (seed + 0x6D2B79F5) >>> 0; let t = seed; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const ri = n => Math.floor(rnd() * n)
const pick = a => a[ri(a.length)]
const b64 = u => Buffer.from(u).toString('base64')
const doc = (id, gc = true) => { const d = new Y.Doc({ gc }); d.clientID = id; d.getText('text'); d.getArray('array'); d.getMap('map'); return d }

// MARK: positions
// Each case: updates to apply; for every position the type's path, index, assoc, bytes, JSON; then more updates and where it is then.
const typeAt = (d, path) => { let t = path[0] === 'text' ? d.getText('text') : path[0] === 'array' ? d.getArray('array') : d.getMap('map'); for (const s of path.slice(1)) t = t.get(s); return t }
const positions = []
for (let s = 1; s <= 6; s++) {
  seed = s
  const a = doc(s === 1 ? 1 : 4000000000 + s); const b = doc(7 + s)
  const nested = new Y.Text('nested tëxt')
  a.getMap('map').set('n', nested)
  a.getText('text').insert(0, 'Hello wörld 😀 and more')
  a.getArray('array').insert(0, [1, 2, 'three', null, { x: 1 }])
  if (s % 2) a.getText('text').format(2, 5, { bold: true })
  a.getText('text').delete(3, 2); a.getArray('array').delete(1, 1)
  const before = Y.encodeStateAsUpdate(a)
  const list = []
  for (let n = 0; n < 24; n++) {
    const path = pick([['text'], ['text'], ['array'], ['map', 'n']]); const t = typeAt(a, path); const index = ri(t.length + 1); const assoc = pick([0, -1, 1, -5])
    const p = Y.createRelativePositionFromTypeIndex(t, index, assoc)
    list.push({ path, index, assoc, bytes: b64(Y.encodeRelativePosition(p)), json: JSON.stringify(Y.relativePositionToJSON(p)), p })
  }
  Y.applyUpdate(b, before)
  const steps = []
  for (let r = 0; r < 4; r++) {
    const d = r % 2 ? a : b
    const t = typeAt(d, pick([['text'], ['text'], ['array'], ['map', 'n']]))
    d.transact(() => { if (t.length && rnd() < 0.5) t.delete(ri(t.length), 1); const i = ri(t.length + 1); if (t instanceof Y.Array) t.insert(i, [ri(100)]); else t.insert(i, 'abc'.slice(0, 1 + ri(3))) })
    if (r === 3) typeAt(d, ['map']).delete('n')
    const u = Y.encodeStateAsUpdate(d); for (const o of [a, b]) if (o !== d) Y.applyUpdate(o, u)
    steps.push({ update: b64(u), at: list.map(({ bytes }) => { const x = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(Buffer.from(bytes, 'base64')), b); return x === null ? null : x.index }) })
  }
  const early = doc(99); const whole = list.map(({ bytes }) => { const x = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(Buffer.from(bytes, 'base64')), early); return x === null ? null : x.index })
  positions.push({ client: a.clientID, before: b64(before), list: list.map(({ p, ...x }) => x), steps, empty: whole })
}

// MARK: snapshots
const snapshots = []
for (let s = 1; s <= 6; s++) {
  seed = 100 + s
  const docs = [doc(1, false), doc(300, false), doc(4294967295, false)]
  const updates = []
  docs.forEach((d, c) => d.on('update', (u, o) => { if (o !== 'remote') updates.push(u) }))
  const marks = []
  for (let n = 0; n < 40; n++) {
    const d = pick(docs)
    edit(d)
    if (rnd() < 0.5) { const o = pick(docs); if (o !== d) Y.applyUpdate(o, Y.encodeStateAsUpdate(d, Y.encodeStateVector(o)), 'remote') }
    if (n % 8 === 7) {
      const shot = Y.snapshot(docs[0])
      marks.push({ at: updates.length, shot, own: Y.encodeStateAsUpdate(docs[0]) })
    }
  }
  for (let r = 0; r < 2; r++) for (const d of docs) for (const o of docs) if (o !== d) Y.applyUpdate(o, Y.encodeStateAsUpdate(d, Y.encodeStateVector(o)), 'remote')
  const d = docs[0]
  snapshots.push({
    updates: updates.map(b64),
    marks: marks.map(({ shot, own }, i) => {
      const restored = Y.createDocFromSnapshot(d, shot, doc(5, false))
      return {
        v1: b64(Y.encodeSnapshot(shot)), v2: b64(Y.encodeSnapshotV2(shot)), restored: b64(Y.encodeStateAsUpdate(restored)),
        text: restored.getText('text').toString(), delta: JSON.stringify(d.getText('text').toDelta(shot)), diff: JSON.stringify(d.getText('text').toDelta(marks[marks.length - 1].shot, shot)),
        array: JSON.stringify(restored.getArray('array').toJSON()), map: JSON.stringify(restored.getMap('map').toJSON()),
        contains: updates.map(u => Y.snapshotContainsUpdate(shot, u) ? 1 : 0).join(''), equal: marks.map(m => Y.equalSnapshots(m.shot, shot) ? 1 : 0).join('')
      }
    })
  })
}

// MARK: undo
function edit (d) {
  const t = d.getText('text'); const a = d.getArray('array'); const m = d.getMap('map'); const r = rnd()
  if (r < 0.3) t.insert(ri(t.length + 1), pick(['a', 'bc', 'def', 'wörld ', '日本']))
  else if (r < 0.45 && t.length) { const i = ri(t.length); t.delete(i, 1 + ri(Math.min(4, t.length - i))) }
  else if (r < 0.55 && t.length) { const i = ri(t.length); t.format(i, 1 + ri(t.length - i), { [pick(['bold', 'em'])]: pick([true, null]) }) }
  else if (r < 0.65) a.insert(ri(a.length + 1), [pick([1, 'x', null, true])])
  else if (r < 0.7 && a.length) a.delete(ri(a.length), 1)
  else if (r < 0.78) { const k = pick(['k', 'l']); m.set(k, pick([1, 2, 'v', { z: 1 }])) }
  else if (r < 0.82) m.delete(pick(['k', 'l', 'nest']))
  else if (r < 0.88) { const y = pick([() => new Y.Map([['in', 1]]), () => new Y.Array(), () => new Y.Text('nest'), () => new Y.XmlElement('p')])(); if (rnd() < 0.5) m.set('nest', y); else a.insert(ri(a.length + 1), [y]) }
  else { const n = m.get('nest'); if (n instanceof Y.Map) { if (rnd() < 0.7) n.set('in', ri(9)); else n.delete('in') } else if (n instanceof Y.Text) n.insert(ri(n.length + 1), 'q'); else if (n instanceof Y.Array) n.insert(0, [ri(9)]); else if (n instanceof Y.XmlElement) { n.setAttribute('id', '' + ri(9)) } else t.insert(0, 'n') }
}
// A session: every step of `log` is one of
//   [c, "edit", origin or null, ms, v1, clients]   a local transaction; the clients of the newest undo step's deletions, in the order that Yjs keeps
//   [c, "undo"|"redo"|"stop"|"clear", ms, v1, v2]   a call of the manager; bytes are "" when nothing was sent
//   [c, "recv", ms, [numbers of updates], [v1 of Yjs's own clean-up…]]              updates are numbered in the order in which they were sent
// and ends with the lengths of the manager's two stacks.
const undo = []
for (let s = 1; s <= 14; s++) {
  seed = 1000 + s
  const options = { gc: s % 3 !== 0, timeout: s % 2 ? 0 : 500, scope: pick(['text', 'all', 'all', 'document', 'map']), replaces: s % 4 === 0, keepsTypes: s % 5 === 0 }
  if (s === 5) options.scope = 'all'
  const docs = [doc(1, options.gc), doc(300, options.gc), doc(4294967295, options.gc)]
  const ums = docs.map(d => new Y.UndoManager(options.scope === 'document' ? d : options.scope === 'all' ? [d.getText('text'), d.getArray('array'), d.getMap('map')] : options.scope === 'map' ? d.getMap('map') : d.getText('text'),
    { captureTimeout: options.timeout, trackedOrigins: new Set(options.scope === 'document' ? ['local'] : ['local', null]), ignoreRemoteMapChanges: options.replaces, deleteFilter: i => !(options.keepsTypes && i.content instanceof Y.ContentType) }))
  const log = []; const sent = []; const inbox = docs.map(() => [])
  const publish = (c, u) => { sent.push(u); inbox.forEach((q, o) => { if (o !== c) q.push(sent.length - 1) }) }
  const capture = (d, f) => { const v1 = []; const v2 = []; const f1 = (u, o) => { if (o !== 'remote') v1.push(u) }; const f2 = (u, o) => { if (o !== 'remote') v2.push(u) }; d.on('update', f1); d.on('updateV2', f2); f(); d.off('update', f1); d.off('updateV2', f2); return [v1, v2] }
  for (let n = 0; n < 90; n++) {
    const c = ri(3); const d = docs[c]; const r = rnd(); clock += ri(400); let line
    if (r < 0.5) {
      const origin = pick(['local', 'local', null, 'other'])
      const [v1] = capture(d, () => d.transact(() => { for (let k = 1 + ri(3); k--;) edit(d) }, origin))
      const last = ums[c].undoStack.at(-1); line = [c, 'edit', origin, clock, v1.length ? b64(v1[0]) : '', last ? [...last.deletions.clients.keys()] : []]; if (v1.length) publish(c, v1[0])
    } else if (r < 0.8) {
      const what = pick(['undo', 'undo', 'undo', 'undo', 'redo', 'redo', 'redo', pick(['stop', 'clear'])])
      const [v1, v2] = capture(d, () => what === 'stop' ? ums[c].stopCapturing() : ums[c][what]())
      line = [c, what, clock, v1.length ? b64(v1[0]) : '', v2.length ? b64(v2[0]) : '']; if (v1.length) publish(c, v1[0])
    } else {
      const got = inbox[c].splice(0, 1 + ri(6))
      const [v1] = capture(d, () => { for (const i of got) Y.applyUpdate(d, sent[i], 'remote') })
      v1.forEach(u => publish(c, u)); line = [c, 'recv', clock, got, v1.map(b64)]
    }
    line.push(ums[c].undoStack.length, ums[c].redoStack.length); log.push(line)
  }
  undo.push({ seed: s, ...options, log })
}

// Sessions whose edits are told as calls on plain text, list and map: [c, ["t"|"a"|"m", method, arguments…], v1] or [c, "undo"|"redo", v1]
// or [c, "recv", [numbers of updates]].
const calls = []
for (let s = 1; s <= 8; s++) {
  seed = 3000 + s
  const docs = [1, 300, 4294967295].map(id => doc(id, s % 2 === 0)); const sent = []; const inbox = docs.map(() => []); const log = []
  const ums = docs.map(d => new Y.UndoManager([d.getText('text'), d.getArray('array'), d.getMap('map')], { captureTimeout: 0 }))
  const capture = (c, f) => { let v1 = ''; const on = (u, o) => { if (o !== 'remote') { v1 = b64(u); sent.push(u); inbox.forEach((q, o) => { if (o !== c) q.push(sent.length - 1) }) } }; docs[c].on('update', on); f(); docs[c].off('update', on); return v1 }
  for (let n = 0; n < 70; n++) {
    const c = ri(3); const d = docs[c]; const r = rnd(); const t = d.getText('text'); const a = d.getArray('array'); const m = d.getMap('map')
    if (r < 0.45) {
      const q = rnd(); let call
      if (q < 0.3) call = ['t', 'insert', ri(t.length + 1), pick(['abc', 'defgh', 'ö', '😀z'])]
      else if (q < 0.5 && t.length > 1) { const i = ri(t.length); call = ['t', 'delete', i, 1 + ri(Math.min(12, t.length - i))] }
      else if (q < 0.7) call = ['a', 'insert', ri(a.length + 1), [ri(9), 'x']]
      else if (q < 0.85 && a.length) { const i = ri(a.length); call = ['a', 'delete', i, 1 + ri(Math.min(6, a.length - i))] }
      else if (q < 0.95) call = ['m', 'set', pick(['k', 'l']), ri(9)]
      else call = ['m', 'delete', pick(['k', 'l'])]
      const [w, f, ...args] = call
      const s0 = t.toString(); if (w === 't') { const bad = i => i > 0 && i < s0.length && /[\udc00-\udfff]/.test(s0[i]); if (bad(args[0]) || (f === 'delete' && bad(args[0] + args[1]))) continue }
      log.push([c, call, capture(c, () => (w === 't' ? t : w === 'a' ? a : m)[f](...args))])
    } else if (r < 0.75) { const what = pick(['undo', 'undo', 'redo']); log.push([c, what, capture(c, () => ums[c][what]())]) } else {
      const got = inbox[c].splice(0, 1 + ri(8)); for (const i of got) Y.applyUpdate(d, sent[i], 'remote'); log.push([c, 'recv', got])
    }
  }
  calls.push({ gc: s % 2 === 0, log })
}

// A position in what was deleted and brought back: with and without following the undo.
const redone = []
for (let s = 1; s <= 4; s++) {
  seed = 2000 + s
  const d = doc(9); const um = new Y.UndoManager(d.getText('text'), { captureTimeout: 0 }); const updates = []
  d.on('update', u => updates.push(b64(u)))
  d.getText('text').insert(0, 'The quick brown fox')
  const list = Array.from({ length: 10 }, () => ({ index: ri(20), assoc: pick([0, -1]) })); list.forEach(x => { x.bytes = b64(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(d.getText('text'), x.index, x.assoc))) })
  d.getText('text').delete(4 + ri(4), 6); d.getText('text').insert(2, 'XY'); d.getText('text').delete(9, 3)
  um.undo(); um.undo(); um.undo()
  const at = f => list.map(x => Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(Buffer.from(x.bytes, 'base64')), d, f).index)
  redone.push({ updates, undos: 3, list, follows: at(true), stays: at(false) })
}
// Users: the updates of two documents whose PermanentUserData map client 1 to alice and client 2 to bob, and what it then answers.
const users = { updates: [] }
{
  const wait = () => new Promise(resolve => setTimeout(resolve, 1))
  const a = new Y.Doc(); a.clientID = 1; const b = new Y.Doc(); b.clientID = 2
  const pa = new Y.PermanentUserData(a); const pb = new Y.PermanentUserData(b)
  const own = (d, o) => d.on('update', (u, origin) => { if (origin !== 'remote') { users.updates.push({ client: d.clientID, v1: b64(u) }); Y.applyUpdate(o, u, 'remote') } })
  own(a, b); own(b, a)
  pa.setUserMapping(a, 1, 'alice'); await wait()
  pb.setUserMapping(b, 2, 'bob'); await wait()
  a.getText('text').insert(0, 'abcdefgh'); await wait()
  b.getText('text').delete(1, 2); await wait()
  a.getText('text').delete(0, 1); await wait()
  b.getText('text').delete(3, 1); b.getText('text').insert(0, 'xy'); await wait()
  users.clients = [1, 2, 3].map(c => pa.getUserByClientId(c))
  const first = users.updates.findIndex(u => { const d = new Y.Doc(); Y.applyUpdate(d, Buffer.from(u.v1, 'base64')); return Y.decodeUpdate(Buffer.from(u.v1, 'base64')).structs.some(s => s.content?.str === 'abcdefgh') })
  users.textClock = Y.decodeUpdate(Buffer.from(users.updates[first].v1, 'base64')).structs[0].id.clock
  users.deleted = Array.from({ length: 8 }, (_, i) => pa.getUserByDeletedId(Y.createID(1, users.textClock + i)))
  users.other = Array.from({ length: 8 }, (_, i) => pb.getUserByDeletedId(Y.createID(1, users.textClock + i)))
}
// Client 1 deletes a list, whose contents are from three clients, and undoes it: what is below one element goes before the next one.
const nested = {}
{
  const a = doc(1); const b = doc(2); const c = doc(3); const all = [a, b, c]
  const sync = () => { for (const x of all) for (const y of all) if (x !== y) Y.applyUpdate(y, Y.encodeStateAsUpdate(x, Y.encodeStateVector(y)), 'remote') }
  const outer = new Y.Array(); const inner = new Y.Array(); outer.insert(0, [inner]); a.getArray('array').insert(0, [outer]); sync()
  b.getArray('array').get(0).get(0).insert(0, ['from b']); sync(); c.getArray('array').get(0).insert(1, ['from c']); sync()
  nested.before = b64(Y.encodeStateAsUpdate(a))
  const um = new Y.UndoManager(a.getArray('array'), { captureTimeout: 0 }); let last; a.on('update', u => { last = b64(u) })
  a.getArray('array').delete(0, 1); nested.deleted = last; um.undo(); nested.undone = last
}
const text = JSON.stringify({ origin: 'yjs 13.6.31, history_gen.mjs', positions, redone, users, nested, calls, snapshots, undo }, null, 0)
process.stdout.write(text.replace(/\],\[(\d)/g, '],\n[$1').replace(/,"(snapshots|undo|redone|users|nested|calls)":/g, ',\n"$1":') + '\n')
