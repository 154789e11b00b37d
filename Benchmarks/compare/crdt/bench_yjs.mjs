#!/usr/bin/env node
// node --expose-gc bench_yjs.mjs CASE[,CASE...] [--inputs F] [--trace F] [--file F.jsonl] [--repeat N] [--no-warm-up]
//
// The cases of `meshp2p bench crdt` with Yjs, with the same names. MESHP2P_YJS is the folder that holds yjs/ and lib0/.
// One JSON object on standard output. Our own code; it only calls Yjs.
import fs from 'node:fs'
import path from 'node:path'
import url from 'node:url'
import zlib from 'node:zlib'

const home = process.env.MESHP2P_YJS
if (!home) { console.error('set MESHP2P_YJS to the folder that holds yjs/ and lib0/'); process.exit(2) }
const Y = await import(url.pathToFileURL(path.join(home, 'yjs/src/index.js')).href)

const options = { repeat: '5', warmUp: true, names: process.argv[2].split(',') }
for (let i = 3; i < process.argv.length; i++) {
  if (process.argv[i] === '--no-warm-up') options.warmUp = false
  else options[process.argv[i].slice(2)] = process.argv[++i]
}
const repetitions = Number(options.repeat)

const readJSON = file => {
  const bytes = fs.readFileSync(file)
  return JSON.parse((bytes[0] === 0x1f ? zlib.gunzipSync(bytes) : bytes).toString('utf8'))
}
const readLog = file => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)
  .map(line => new Uint8Array(Buffer.from(JSON.parse(line).update, 'base64')))
const total = updates => updates.reduce((sum, update) => sum + update.length, 0)
const time = work => { const start = performance.now(); const result = work(); return [performance.now() - start, result] }
const must = (claim, what) => { if (!claim) throw new Error(what) }
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1]
const text = doc => doc.getText('text').toString()
const state = doc => JSON.stringify([text(doc), doc.getArray('array').toJSON(), doc.getMap('map').toJSON()])
const load = (update, v2 = false) => { const doc = new Y.Doc(); (v2 ? Y.applyUpdateV2 : Y.applyUpdate)(doc, update); return doc }

const measure = (name, work) => {
  const times = {}; let counts = {}
  if (options.warmUp) work()
  for (let i = 0; i < repetitions; i++) {
    const result = work(); counts = result.counts
    for (const key in result.milliseconds) (times[key] ||= []).push(result.milliseconds[key])
  }
  const milliseconds = Object.fromEntries(Object.entries(times).map(([key, values]) => [key, median(values)]))
  return { name, repetitions, milliseconds, counts }
}

const perform = (doc, [kind, place, value]) => {
  if (kind === 'i') doc.getText('text').insert(place, value)
  else if (kind === 'd') doc.getText('text').delete(place, value)
  else doc.getArray('array').insert(place, value)
}
const whole = doc => {
  const [encodeV1, v1] = time(() => Y.encodeStateAsUpdate(doc)); const [encodeV2, v2] = time(() => Y.encodeStateAsUpdateV2(doc))
  const [loadV1, copy] = time(() => load(v1)); const [loadV2] = time(() => load(v2, true))
  must(state(copy) === state(doc), 'the copy differs')
  return { milliseconds: { encodeV1, encodeV2, loadV1, loadV2 }, counts: { v1Bytes: v1.length, v2Bytes: v2.length } }
}
const oneWriter = work => {
  const doc = new Y.Doc(); doc.clientID = 1; const updates = []; doc.on('update', update => updates.push(update))
  const [local] = time(() => { for (const operation of work) perform(doc, operation) })
  const reader = new Y.Doc(); const [remote] = time(() => { for (const update of updates) Y.applyUpdate(reader, update) })
  must(state(doc) === state(reader), 'the reader differs')
  const figures = whole(doc); Object.assign(figures.milliseconds, { local, remote })
  Object.assign(figures.counts, { updates: updates.length, updateBytes: total(updates) }); return figures
}
const twoWriters = (work, start) => {
  const docs = [new Y.Doc(), new Y.Doc()]; docs.forEach((doc, i) => { doc.clientID = i + 1 })
  docs[0].getText('text').insert(0, start); Y.applyUpdate(docs[1], Y.encodeStateAsUpdate(docs[0]))
  const updates = [[], []]; docs.forEach((doc, i) => doc.on('update', (update, origin) => { if (origin !== 'remote') updates[i].push(update) }))
  const [local] = time(() => docs.forEach((doc, i) => doc.transact(() => work[i].forEach(operation => perform(doc, operation)))))
  const [remote] = time(() => { for (const update of updates[1]) Y.applyUpdate(docs[0], update, 'remote'); for (const update of updates[0]) Y.applyUpdate(docs[1], update, 'remote') })
  must(state(docs[0]) === state(docs[1]), 'the writers differ')
  const figures = whole(docs[0]); Object.assign(figures.milliseconds, { local, remote })
  figures.counts.updateBytes = total(updates.flat()); return figures
}
const manyWriters = updates => {
  const doc = new Y.Doc(); const [applyOneTransaction] = time(() => doc.transact(() => updates.forEach(update => Y.applyUpdate(doc, update))))
  const apart = new Y.Doc(); const [applyEach] = time(() => updates.forEach(update => Y.applyUpdate(apart, update)))
  must(state(doc) === state(apart), 'the documents differ')
  const [mergeUpdates, merged] = time(() => Y.mergeUpdates(updates))
  const figures = whole(doc); Object.assign(figures.milliseconds, { applyOneTransaction, applyEach, mergeUpdates })
  Object.assign(figures.counts, { mergedBytes: merged.length, updateBytes: total(updates) }); return figures
}
const clientCases = {
  'B3.1': (doc, i) => doc.getMap('map').set('v', i),
  'B3.2': (doc, i) => doc.getMap('map').set('v', { name: String(i), address: 'here' }),
  'B3.3': (doc, i, count) => doc.getMap('map').set('v', String(i).repeat(count)),
  'B3.4': (doc, i) => doc.getText('text').insert(0, String(i).padStart(8, '_'))
}
const replay = trace => {
  const type = (doc, one) => {
    const body = () => { const root = doc.getText('text'); for (const { patches } of trace.txns) for (const [place, count, string] of patches) { if (count) root.delete(place, count); if (string) root.insert(place, string) } }
    return time(() => one ? doc.transact(body) : body())[0]
  }
  const author = () => { const doc = new Y.Doc(); doc.clientID = 1; return doc }
  const plain = author(); const local = type(plain); must(text(plain) === trace.endContent, 'the text differs')
  const first = author(); const updates = []; first.on('update', update => updates.push(update)); const localV1 = type(first)
  const second = author(); let secondBytes = 0; second.on('updateV2', update => { secondBytes += update.length }); const localV2 = type(second)
  const oneTransaction = type(author(), true)
  const [applyEach] = time(() => { const doc = new Y.Doc(); for (const update of updates) Y.applyUpdate(doc, update); return doc })
  const [applyOneTransaction] = time(() => { const doc = new Y.Doc(); doc.transact(() => { for (const update of updates) Y.applyUpdate(doc, update) }) })
  const figures = whole(first); Object.assign(figures.milliseconds, { local, localV1, localV2, oneTransaction, applyEach, applyOneTransaction })
  Object.assign(figures.counts, { updateBytes: total(updates), updateBytesV2: secondBytes, structs: [...first.store.clients.values()].reduce((sum, list) => sum + list.length, 0) }); return figures
}
const logged = updates => {
  const [applyEach, doc] = time(() => { const doc = new Y.Doc(); for (const update of updates) Y.applyUpdate(doc, update); return doc })
  const [applyOneTransaction] = time(() => { const doc = new Y.Doc(); doc.transact(() => { for (const update of updates) Y.applyUpdate(doc, update) }) })
  const figures = whole(doc); Object.assign(figures.milliseconds, { applyEach, applyOneTransaction })
  // Yjs merges in quadratic time.
  if (updates.length <= 4000) figures.milliseconds.mergeUpdates = time(() => Y.mergeUpdates(updates))[0]
  figures.counts.updates = updates.length; return figures
}
const merge = updates => {
  const milliseconds = {}
  for (const count of [1000, 4000, 16000]) if (count <= updates.length) milliseconds[count] = time(() => Y.mergeUpdates(updates.slice(0, count)))[0]
  return { milliseconds, counts: { updates: updates.length } }
}
const memory = update => {
  const settle = () => { global.gc(); global.gc(); return process.memoryUsage() }
  const kept = [load(update)]; const before = settle(); for (let i = 0; i < 10; i++) kept.push(load(update)); const after = settle()
  must(kept.every(doc => doc.store.clients.size > 0), 'a document is empty')
  return { milliseconds: {}, counts: { rssBytesPerDocument: Math.round((after.rss - before.rss) / 10), heapBytesPerDocument: Math.round((after.heapUsed - before.heapUsed) / 10) } }
}

const inputs = options.inputs ? readJSON(options.inputs) : {}
const cases = []
for (const name of options.names) {
  if (name === 'B4') { const trace = readJSON(options.trace); cases.push(measure(name, () => replay(trace))) }
  else if (name === 'load') { const log = readLog(options.file); cases.push(measure(name, () => logged(log))) }
  else if (name === 'merge') { const log = readLog(options.file); cases.push(measure(name, () => merge(log))) }
  else if (name === 'memory') { const log = readLog(options.file); cases.push({ name, ...memory(log[0]) }) }
  else {
    for (const key of Object.keys(inputs).filter(key => key === name || key.startsWith(name + '.'))) {
      cases.push(measure(key, () => key.startsWith('B1') ? oneWriter(inputs[key]) : twoWriters(inputs[key], inputs.init)))
    }
    for (const key of Object.keys(clientCases).filter(key => key === name || key.startsWith(name + '.'))) {
      const updates = Array.from({ length: inputs.sqrtN }, (_, i) => { const doc = new Y.Doc(); doc.clientID = i + 1; clientCases[key](doc, i, inputs.sqrtN); return Y.encodeStateAsUpdate(doc) })
      cases.push(measure(key, () => manyWriters(updates)))
    }
  }
}
console.log(JSON.stringify({ ok: true, library: 'Yjs ' + JSON.parse(fs.readFileSync(path.join(home, 'yjs/package.json'))).version + ', node ' + process.version, cases }))
