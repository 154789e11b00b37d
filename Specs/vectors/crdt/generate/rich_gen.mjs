#!/usr/bin/env node
// usage: node rich_gen.mjs --seed 1 --clients 3 --ops 100 [--undo] [--nogc] --out FILE.jsonl
// A second generator of sessions, for what yjs_gen.mjs leaves out; its lines are the same. It types at a cursor, cuts
// surrogate pairs, inserts types that already have content, types inside text, subdocuments, hooks, many values at once,
// rich deltas, numbers that JSON does not have, attributes that are no strings.
// Further values: {"$num": "NaN"}, {"$doc": guid}, {"$new": kind, "text" | "delta" | "items" | "entries" | "attrs" | "children": …}.
import fs from 'fs'
import { Y, args, b64, canonDoc, svOf, dsOf, sha, fail } from './common.mjs'

const a = args({ seed: '1', clients: '3', ops: '100' })
let state = (Number(a.seed) * 2654435761) >>> 0
const random = () => {
  state = (state + 0x6D2B79F5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]

// ---- calls on documents
const make = v => {
  const [kind, name] = v.$new.split(':')
  switch (kind) {
    case 'Text': case 'XmlText': {
      const t = kind === 'Text' ? new Y.Text(v.text) : new Y.XmlText(v.text)
      if (v.delta) t.applyDelta(v.delta.map(decode))
      return t
    }
    case 'Array': return Y.Array.from((v.items || []).map(decode))
    case 'Map': return new Y.Map(Object.entries(v.entries || {}).map(([k, x]) => [k, decode(x)]))
    case 'XmlHook': return new Y.XmlHook(name)
    case 'XmlFragment': { const f = new Y.XmlFragment(); if (v.children) f.insert(0, v.children.map(make)); return f }
    default: {
      const e = new Y.XmlElement(name)
      for (const [k, x] of Object.entries(v.attrs || {})) e.setAttribute(k, decode(x))
      if (v.children) e.insert(0, v.children.map(make))
      return e
    }
  }
}
const decode = v => {
  if (Array.isArray(v)) return v.map(decode)
  if (v === null || typeof v !== 'object') return v
  if ('$bin' in v) return new Uint8Array(Buffer.from(v.$bin, 'base64'))
  if (v.$undef) return undefined
  if (v.$bigint) return BigInt(v.$bigint)
  if (v.$num) return Number(v.$num)
  if (v.$doc) return new Y.Doc({ guid: v.$doc })
  if (v.$new) return make(v)
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, decode(x)]))
}
const root = (d, n) => n === 'text' ? d.getText(n) : n === 'array' ? d.getArray(n) : n === 'map' ? d.getMap(n) : d.getXmlFragment(n)
const resolve = (d, path) => path.slice(1).reduce((t, step) => t.get(step), root(d, path[0]))
const run = (d, call) => { const t = resolve(d, call.p); t[call.m](...call.a.map(decode)) }

// ---- random values
const words = ['a', 'b', ' ', 'word', '😀', '👍🏽', 'é', '漢字', '\n', '"', '\\', '\u2028', '\u0007', '<b>']
const text = n => Array.from({ length: 1 + below(n) }, () => pick(words)).join('')
const scalar = () => pick([
  null, true, false, 0, -1, 63, 64, 127, 128, 2147483647, -2147483647, 2147483648, -2147483648, 4294967295, 1.5, 0.1, 1e21,
  1e-7, 16777217, 3.4e38, 'text', '', '😀', { $num: 'NaN' }, { $num: 'Infinity' }, { $num: '-Infinity' }, { $num: '-0' },
  9007199254740991, -9007199254740991, 1e300
])
const value = (depth = 0) => {
  const r = below(depth > 2 ? 6 : 10)
  if (r < 6) return scalar()
  if (r === 6) return Array.from({ length: below(4) }, () => value(depth + 1))
  if (r === 7) return { b: value(depth + 1), 10: value(depth + 1), 2: scalar(), '': scalar(), '01': 1, __x: [] }
  if (r === 8) return { $bin: Buffer.from(Array.from({ length: below(300) }, (_, i) => i & 255)).toString('base64') }
  return { nested: { u: { $undef: true }, i: { $bigint: pick(['0', '-1', '9223372036854775807']) } } }
}
// embeds and attributes are JSON in the first format: other values would differ between clients, in Yjs itself
const json = depth => pick([() => pick([null, true, 5, -7.5, 1e21, 'x😀', '']), () => [json(depth + 1)], () => ({ k: json(depth + 1), 3: 1, 1: 2 })])()
const formats = () => pick([
  { bold: true }, { bold: null }, { bold: false }, { a: { x: 1, y: [1, 2] } }, { a: null }, { size: 12 }, { size: 12.5 },
  { link: 'https://example.org/?q=ü' }, { link: null }, { bold: true, em: true }, { em: null, bold: null }
])
const fresh = (depth = 0) => pick([
  () => ({ $new: 'Text', text: text(3) }), () => ({ $new: 'Text', delta: [{ insert: text(2), attributes: { bold: true } }, { insert: text(2) }, { insert: { img: 'x' } }] }),
  () => ({ $new: 'Array', items: Array.from({ length: below(4) }, () => depth < 2 && random() < 0.3 ? fresh(depth + 1) : listValue()) }),
  () => ({ $new: 'Map', entries: { k: value(), t: depth < 2 ? fresh(depth + 1) : 1, 7: 'seven' } }),
  () => ({ $new: 'XmlText', text: text(3) }), () => node(depth), () => ({ $new: 'XmlFragment', children: [node(depth)] })
])()
const node = depth => pick([
  () => ({ $new: 'XmlText', text: text(3) }), () => ({ $new: 'XmlText', delta: [{ insert: text(2), attributes: { i: {} } }] }),
  () => ({ $new: 'XmlHook:' + pick(['hook', 'crochet']) }),
  () => ({ $new: 'XmlElement:' + pick(['p', 'DIV', 'my-node']), attrs: { id: text(1), n: 5, o: { x: null } }, children: depth < 2 ? Array.from({ length: below(3) }, () => node(depth + 1)) : [] })
])()
const listValue = () => { for (;;) { const v = value(); if (!(v && typeof v === 'object' && ('$undef' in v || '$bigint' in v))) return v } }

// ---- random calls
const cursors = new Map()
const textCall = (d, p, t, c) => {
  const n = t.length; const r = random(); const key = c + JSON.stringify(p)
  let at = Math.min(cursors.get(key) ?? n, n)
  if (r < 0.45) { const s = pick([text(1), text(1), text(4)]); cursors.set(key, at + s.length); return { p, m: 'insert', a: random() < 0.2 ? [at, s, formats()] : [at, s] } }
  if (r < 0.55 && at > 0) { cursors.set(key, at - 1); return { p, m: 'delete', a: [at - 1, 1] } }
  at = below(n + 1); const length = Math.min(n - at, 1 + below(8))
  if (r < 0.6) { cursors.set(key, at); return { p, m: 'insert', a: [at, text(2)] } }
  if (r < 0.68 && length) return { p, m: 'delete', a: [at, length] }
  if (r < 0.8 && length) return { p, m: 'format', a: [at, length, formats()] }
  if (r < 0.85) return { p, m: 'insertEmbed', a: [at, random() < 0.5 ? fresh(1) : { img: json(1) }, ...(random() < 0.5 ? [formats()] : [])] }
  if (r < 0.89) return random() < 0.7 ? { p, m: 'setAttribute', a: [pick(['k', '5', '']), scalarForKey()] } : { p, m: 'removeAttribute', a: [pick(['k', '5', ''])] }
  const delta = []
  if (at) delta.push({ retain: at, ...(random() < 0.3 ? { attributes: formats() } : {}) })
  for (let k = 1 + below(2); k--;) delta.push({ insert: random() < 0.8 ? text(2) : { em: 1 }, ...(random() < 0.5 ? { attributes: formats() } : {}) })
  if (length) delta.push(random() < 0.5 ? { delete: length } : { retain: length, attributes: formats() })
  if (random() < 0.3) delta.push({ insert: 'end\n' })
  return { p, m: 'applyDelta', a: [delta] }
}
const scalarForKey = () => pick(['v', 1, null, true, { o: 1 }, [1]])
const types = (t, p, out = []) => {
  out.push([t, p])
  if (t instanceof Y.XmlFragment || t instanceof Y.Array) t.toArray().forEach((c, i) => { if (c instanceof Y.AbstractType) types(c, [...p, i], out) })
  else if (t instanceof Y.Map && !(t instanceof Y.XmlHook)) for (const k of [...t.keys()].sort()) { const c = t.get(k); if (c instanceof Y.AbstractType) types(c, [...p, k], out) }
  return out
}
const call = (d, c) => {
  const name = pick(['text', 'text', 'text', 'array', 'map', 'xml']); const [t, p] = pick(types(root(d, name), [name])); const deep = p.length > 3
  if (t instanceof Y.Text) return textCall(d, p, t, c)
  if (t instanceof Y.XmlHook) return null
  if (t instanceof Y.XmlFragment) {
    const r = random(); const i = below(t.length + 1)
    if (r < 0.5 || !t.length) return { p, m: 'insert', a: [i, Array.from({ length: 1 + below(3) }, () => node(deep ? 2 : 0))] }
    if (t instanceof Y.XmlElement && r < 0.7) return random() < 0.7 ? { p, m: 'setAttribute', a: [pick(['id', 'n', '3']), scalarForKey()] } : { p, m: 'removeAttribute', a: [pick(['id', 'n', '3'])] }
    const j = below(t.length); return { p, m: 'delete', a: [j, 1 + below(t.length - j)] }
  }
  if (t instanceof Y.Array) {
    const r = random(); const i = below(t.length + 1)
    if (r < 0.35 || !t.length) return { p, m: 'insert', a: [i, Array.from({ length: random() < 0.1 ? 150 : 1 + below(5) }, listValue)] }
    if (r < 0.5 && !deep) return { p, m: 'insert', a: [i, [listValue(), fresh(), listValue(), { $bin: 'AAEC' }, { $doc: 'sub-' + below(5) }].slice(below(3))] }
    if (r < 0.6) return { p, m: 'push', a: [[listValue()]] }
    if (r < 0.68) return { p, m: 'unshift', a: [[listValue(), listValue()]] }
    const j = below(t.length); return { p, m: 'delete', a: [j, 1 + below(Math.min(5, t.length - j))] }
  }
  const k = pick(['a', 'b', '10', '9', 'ключ', '😀', '']); const r = random()
  if (r < 0.5) return { p, m: 'set', a: [k, value()] }
  if (r < 0.7 && !deep) return { p, m: 'set', a: [k, random() < 0.15 ? { $doc: 'sub-' + below(5) } : fresh()] }
  if (r < 0.95) return { p, m: 'delete', a: [k] }
  return { p, m: 'clear', a: [] }
}

// ---- the session
const lines = []; const updates = []; const count = Number(a.clients)
const ids = [1, 9007199254740991, 128, 4294967296, 255, 16384, 2097152, 3]
const docs = Array.from({ length: count }, (_, i) => { const d = new Y.Doc({ gc: !a.nogc }); d.clientID = ids[i]; for (const n of ['text', 'array', 'map', 'xml']) root(d, n); return d })
const undo = a.undo ? docs.map(d => new Y.UndoManager(['text', 'array', 'map', 'xml'].map(n => root(d, n)), { captureTimeout: 0, trackedOrigins: new Set(['local']) })) : []
const inbox = docs.map(() => [])
const hash = d => sha(JSON.stringify(canonDoc(d))).slice(0, 16)
lines.push({ k: 'header', gen: 'rich_gen.mjs', impl: 'yjs-13.6.31', seed: Number(a.seed), clients: ids.slice(0, count), ops: Number(a.ops), gc: !a.nogc, undo: !!a.undo, roots: 'text:Text,array:Array,map:Map,xml:XmlFragment' })
const capture = (d, f) => {
  const out = []; let n = 0
  const one = (u, o) => { if (o !== 'remote') out.push({ u1: u }) }; const two = (u, o) => { if (o !== 'remote') out[n++].u2 = u }
  d.on('update', one); d.on('updateV2', two); try { f() } finally { d.off('update', one); d.off('updateV2', two) }
  return out
}
const publish = (c, u) => { updates.push(u); inbox.forEach((q, o) => { if (o !== c) q.push(updates.length - 1) }); return { i: updates.length - 1, v1: b64(u.u1), v2: b64(u.u2) } }
const deliver = c => {
  const q = inbox[c]; if (!q.length) return
  const got = []; for (let n = 1 + below(q.length); n--;) got.push(q.splice(random() < 0.7 ? 0 : below(q.length), 1)[0])
  const enc = 1 + below(2)
  const auto = capture(docs[c], () => { for (const i of got) (enc === 1 ? Y.applyUpdate : Y.applyUpdateV2)(docs[c], enc === 1 ? updates[i].u1 : updates[i].u2, 'remote') })
  lines.push({ k: 'recv', c, from: got, enc, h: hash(docs[c]), auto: auto.map(u => publish(c, u)) })
}
try {
  for (let m = 0; m < Number(a.ops); m++) {
    const c = below(count); const d = docs[c]; const calls = []
    const outs = capture(d, () => {
      if (a.undo && random() < 0.2) { const w = random() < 0.6 ? 'undo' : 'redo'; undo[c][w](); calls.push({ um: w }) } else {
        d.transact(() => { for (let n = random() < 0.6 ? 1 : 1 + below(5); n--;) { const x = call(d, c); if (x) { run(d, x); calls.push(x) } } }, 'local')
      }
    })
    if (!outs.length) lines.push({ k: 'op', i: null, c, calls, v1: '', v2: '', h: hash(d) })
    else lines.push({ k: 'op', ...publish(c, outs[0]), c, calls, h: hash(d), auto: outs.slice(1).map(u => publish(c, u)) })
    if (random() < 0.4) deliver(below(count))
  }
  while (inbox.some(q => q.length)) for (let c = 0; c < count; c++) deliver(c)
  if (new Set(docs.map(d => JSON.stringify(canonDoc(d)))).size !== 1) fail('clients diverged (in Yjs itself)', { seed: a.seed })
  docs.forEach((d, c) => { if (d.store.pendingStructs || d.store.pendingDs) fail('pending left', { c }); lines.push({ k: 'final', c, id: d.clientID, roots: canonDoc(d), sv: svOf(d), ds: dsOf(d), v1: b64(Y.encodeStateAsUpdate(d)), v2: b64(Y.encodeStateAsUpdateV2(d)), snapshot: b64(Y.encodeSnapshot(Y.snapshot(d))), stateVector: b64(Y.encodeStateVector(d)) }) })
  lines.push({ k: 'merged', v1: b64(Y.mergeUpdates(updates.map(u => u.u1))), v2: b64(Y.mergeUpdatesV2(updates.map(u => u.u2))) })
  const out = lines.map(l => JSON.stringify(l)).join('\n') + '\n'
  fs.writeFileSync(a.out, out); console.log(JSON.stringify({ ok: true, seed: Number(a.seed), lines: lines.length, bytes: out.length }))
} catch (e) { fail(e && e.stack || e, { seed: a.seed }) }
