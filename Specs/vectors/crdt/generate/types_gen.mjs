#!/usr/bin/env node
// usage: node types_gen.mjs --seed 1 --clients 2 --ops 40 [--nogc] [--roots] [--full] [--out FILE.jsonl]
// Seeded sessions on arrays, maps, XML, preliminary content and nested documents, driven by real Yjs. JSON lines:
//  {"k":"session","seed":n,"clients":[ids],"gc":bool,"roots":bool}   roots: array:Array map:Map xml:XmlFragment el:XmlElement; with --roots only they are observed deeply
//  {"k":"op","c":client,"calls":[...],"v1":[b64],"v2":[b64],"events":[...],"h":hash}   one transaction; "v1" holds more than one update when observers changed the document
//  {"k":"recv","c":client,"from":[numbers of updates],"v":1|2,"events":[...],"h":hash}   "events" are those of all these updates, in order
//  {"k":"final","c":client,"json":{root:value},"reads":[...],"v1":b64,"v2":b64}
// A call is {"p":[root, key or index, ...],"m":method,"a":[arguments]}. Values: JSON, and {"$undef":1} {"$big":"n"} {"$bin":b64} {"$num":"-0"}
// {"$new":[kind,...]} {"$doc":guid,"o":options}. A hash is FNV-1a (32 bits) of the JSON text of all roots, as in "json".
// Every type that can be reached is observed as soon as it is there: ["own",path,event] and ["deep",path,[events]]; ["sub",added,removed,loaded] for documents.
import fs from 'fs'
import * as Y from 'yjs'
const a = { seed: '1', clients: '2', ops: '40' }
for (let i = 2; i < process.argv.length; i++) { const k = process.argv[i].slice(2); a[k] = process.argv[i + 1] && !process.argv[i + 1].startsWith('--') ? process.argv[++i] : true }
console.error = () => {}
let st = (Number(a.seed) * 2654435761) >>> 0
const rnd = () => { st = (st + 0x6D2B79F5) >>> 0; let t = st; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const ri = n => Math.floor(rnd() * n); const pick = x => x[ri(x.length)]
const b64 = u => Buffer.from(u.buffer, u.byteOffset, u.byteLength).toString('base64')
const fnv = s => { let h = 0x811c9dc5; for (const b of Buffer.from(s)) h = Math.imul(h ^ b, 0x01000193) >>> 0; return h }
// ---- values in and out
const ser = (v, docs = true) => {
  if (v === undefined) return { $undef: 1 }
  if (typeof v === 'bigint') return { $big: v.toString() }
  if (typeof v === 'number' && (Object.is(v, -0) || !Number.isFinite(v))) return { $num: Object.is(v, -0) ? '-0' : String(v) }
  if (v === null || typeof v !== 'object') return v
  if (v instanceof Uint8Array) return { $bin: b64(v) }
  if (v instanceof Y.Doc) return docs ? { $doc: v.guid } : ser(v.toJSON(), docs)
  if (v instanceof Y.AbstractType) return { $type: kind(v) }
  if (Array.isArray(v)) return v.map(x => ser(x, docs))
  const o = {}; for (const k of Object.keys(v)) o[k] = ser(v[k], docs); return o
}
const kind = t => t instanceof Y.XmlHook ? 'xmlHook' : t instanceof Y.XmlText ? 'xmlText' : t instanceof Y.XmlElement ? 'xmlElement' : t instanceof Y.XmlFragment ? 'xmlFragment' : t instanceof Y.Text ? 'text' : t instanceof Y.Array ? 'array' : 'map'
const make = v => {
  if (Array.isArray(v)) return v.map(make)
  if (v === null || typeof v !== 'object') return v
  if ('$undef' in v) return undefined
  if ('$big' in v) return BigInt(v.$big)
  if ('$num' in v) return v.$num === '-0' ? -0 : Number(v.$num)
  if ('$bin' in v) return new Uint8Array(Buffer.from(v.$bin, 'base64'))
  if ('$doc' in v) return new Y.Doc({ guid: v.$doc, ...make(v.o) })
  if ('$new' in v) {
    const [k, x, y, z] = v.$new
    if (k === 'array') return Y.Array.from(make(x))
    if (k === 'map') return new Y.Map(x.map(([n, w]) => [n, make(w)]))
    if (k === 'text') return new Y.Text(x)
    if (k === 'xmlText') return new Y.XmlText(x)
    if (k === 'xmlFragment') { const f = new Y.XmlFragment(); f.insert(0, x.map(make)); return f }
    if (k === 'xmlHook') { const h = new Y.XmlHook(x); y.forEach(([n, w]) => h.set(n, make(w))); return h }
    const e = new Y.XmlElement(x); y.forEach(([n, w]) => e.setAttribute(n, make(w))); e.insert(0, z.map(make)); return e
  }
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, make(x)]))
}
// ---- random content
let guid = 0
const words = ['a', 'bc', 'Hello ', 'wörld', '日本', '😀', '"q"', '', '<&>']
const str = () => { let s = ''; for (let n = 1 + ri(2); n--;) s += pick(words); return s }
const keys = ['a', 'b', '10', '9', 'é', 'e\u0301', '', 'x']
const scalar = () => pick([null, true, false, ri(100) - 50, 2147483647, -2147483648, 4294967296, 0.5, 0.1, 1e100, { $num: '-0' }, str(), str(), str()])
const plain = (d = 0) => { const r = ri(d > 1 ? 6 : 9); return r < 6 ? scalar() : r === 6 ? Array.from({ length: ri(3) }, () => plain(d + 1)) : r === 7 ? Object.fromEntries(Array.from({ length: ri(4) }, () => [pick(keys), plain(d + 1)])) : { k: { $undef: 1 }, n: { $big: '-7' }, b: { $bin: 'AQI=' } } }
const nested = d => {
  const r = ri(7)
  if (r === 0) return { $new: ['array', Array.from({ length: ri(4) }, () => element(d + 1))] }
  if (r === 1) return { $new: ['map', Array.from({ length: ri(4) }, () => [pick(keys), value(d + 1)])] }
  if (r === 2) return { $new: ['text', str()] }
  return node(d)
}
const node = d => {
  const r = d > 2 ? 4 + ri(2) : ri(8)
  if (r < 4) return { $new: ['xmlElement', pick(['p', 'DIV', 'h1', 'Ünï']), attrs(d), Array.from({ length: ri(3) }, () => node(d + 1))] }
  if (r < 6) return { $new: ['xmlText', str()] }
  if (r < 7) return { $new: ['xmlHook', pick(['hook', 'p']), Array.from({ length: ri(2) }, () => [pick(keys), plain()])] }
  return { $new: ['xmlFragment', Array.from({ length: ri(3) }, () => node(d + 1))] }
}
const attrs = d => Array.from({ length: ri(3) }, () => [pick(keys), attr(d)])
const attr = d => rnd() < 0.6 ? str() : rnd() < 0.8 ? plain() : value(d + 1)
const format = () => pick([{ bold: true }, { bold: null }, { link: { href: '#', 10: 1 } }, { s: 'ab' }, { bold: true, a: [1, null] }, { s: null }])
const document = () => ({ $doc: 'g' + (guid++), o: { ...(rnd() < 0.3 ? { gc: false } : {}), ...(rnd() < 0.3 ? { autoLoad: true } : {}), ...(rnd() < 0.4 ? { meta: plain() } : {}), ...(rnd() < 0.3 ? { shouldLoad: false } : {}) } })
const bin = () => ({ $bin: Buffer.from(Array.from({ length: ri(4) }, () => ri(256))).toString('base64') })
const element = d => { const r = rnd(); return r < 0.6 ? plain() : r < 0.7 ? bin() : r < 0.92 && d < 3 ? nested(d) : r < 0.97 ? document() : plain() }
const value = d => { const r = rnd(); return r < 0.1 ? pick([{ $undef: 1 }, { $big: '123456789012345' }]) : element(d) }
// ---- documents
const ROOTS = { array: 'getArray', map: 'getMap', xml: 'getXmlFragment', el: 'getXmlElement' }
const root = (d, n) => d[ROOTS[n]](n)
const step = (t, s) => t instanceof Y.XmlElement && typeof s === 'string' ? t.getAttribute(s) : t.get(s)
const resolve = (d, p) => p.slice(1).reduce(step, root(d, p[0]))
const inner = t => {
  const out = []
  if (t instanceof Y.Array || t instanceof Y.XmlFragment) t.toArray().forEach((c, i) => out.push([i, c]))
  if (t instanceof Y.XmlElement || t instanceof Y.Map) t._map.forEach((x, k) => { if (!x.deleted) out.push([k, x.content.getContent()[x.length - 1]]) })
  return out
}
const walk = (t, p, f) => { f(t, p); if (t instanceof Y.AbstractType) inner(t).forEach(([s, c]) => { if (c instanceof Y.AbstractType || c instanceof Y.Doc) walk(c, [...p, s], f) }) }
const all = d => { const out = []; for (const n in ROOTS) walk(root(d, n), [n], (t, p) => out.push([t, p])); return out }
const pathOf = t => { const p = []; while (t._item) { const i = t._item; if (i.parentSub !== null) p.unshift(i.parentSub); else { let n = 0; for (let c = i.parent._start; c !== i; c = c.right) if (!c.deleted && c.countable) n += c.length; p.unshift(n) } t = i.parent } for (const [n, r] of t.doc.share) if (r === t) p.unshift(n); return p }
const docs = []; const logs = []; const updates = []; const inbox = []; const lines = []; const emitted = []
const seen = new WeakSet(); let echoes = 0
// a text's delta is left out where an observer changes the document: Yjs opens a transaction to tell it
const describe = e => {
  const o = { target: pathOf(e.target), changed: [...(e.keysChanged || e.attributesChanged || [])], keys: [...e.keys].map(([k, x]) => x.action === 'add' ? [k, 'add'] : [k, x.action, ser(x.oldValue)]) }
  if (e.target instanceof Y.Text) { o.changed = [...e.keysChanged]; o.child = e.childListChanged; if (!e.transaction.changed.has(e.target.doc.getMap('map'))) o.text = ser(e.delta) } else { o.delta = e.delta.map(x => x.insert ? { insert: ser(x.insert) } : x); o.added = [...e.changes.added].reduce((n, i) => n + i.length, 0); o.deleted = [...e.changes.deleted].reduce((n, i) => n + i.length, 0) }
  return o
}
const attach = (d, log) => all(d).forEach(([t]) => {
  if (!(t instanceof Y.AbstractType) || seen.has(t)) return
  seen.add(t)
  t.observe((e, tr) => {
    log.push(['own', pathOf(t), describe(e)])
    if (t === d.getMap('map') && tr.local && e.keysChanged.has('a') && !e.keysChanged.has('echo')) t.set('echo', echoes++)
  })
  // the paths that Yjs tells are wrong where several types on the way are observed
  if (!a.roots || t._item === null) t.observeDeep(es => { log.push(['deep', pathOf(t), es.map(e => ({ ...describe(e), path: a.roots ? e.path : null }))]) })
})
const C = Number(a.clients)
for (let i = 0; i < C; i++) {
  const d = new Y.Doc({ gc: !a.nogc, guid: 'root', collectionid: 'c' }); d.clientID = [1, 70000, 4294967295][i]; for (const n in ROOTS) root(d, n)
  docs.push(d); logs.push([]); inbox.push([]); emitted.push([]); attach(d, logs[i])
  d.on('subdocs', e => logs[i].push(['sub', [...e.added].map(x => x.guid), [...e.removed].map(x => x.guid), [...e.loaded].map(x => x.guid).sort()]))
  d.on('update', (u, o) => { if (o !== 'remote') emitted[i].push([u]) }); d.on('updateV2', (u, o) => { if (o !== 'remote') emitted[i].find(x => x.length === 1).push(u) })
}
const json = d => Object.fromEntries(Object.keys(ROOTS).map(n => [n, ser(root(d, n).toJSON(), false)]))
const note = i => { const s = JSON.stringify(json(docs[i])); attach(docs[i], logs[i]); const events = logs[i].splice(0); return { events, ...(a.full ? { json: s } : {}), h: fnv(s) } }
// ---- calls
const genCall = d => {
  const types = all(d); const [t, p] = pick(types); const deep = p.length
  if (t instanceof Y.Doc) return { p, m: pick(['load', 'load', 'destroy']), a: [] }
  if (t instanceof Y.Text) {
    if (t instanceof Y.XmlText && rnd() < 0.3) return rnd() < 0.7 ? { p, m: 'setAttribute', a: [pick(keys), attr(3)] } : { p, m: 'removeAttribute', a: [pick(keys)] }
    const r = rnd()
    if (r < 0.2 && t.length > 0) { const i = ri(t.length); return { p, m: 'format', a: [i, 1 + ri(t.length - i), format()] } }
    if (r < 0.3) return { p, m: 'insert', a: [0, 'f' + ri(9), format()] }
    if (r < 0.35) return { p, m: 'insertEmbed', a: [t.length, { e: ri(9) }] }
    return t.length > 3 && r < 0.5 ? { p, m: 'delete', a: [t.length - 2, 2] } : { p, m: 'insert', a: [t.length, str()] }
  }
  if (rnd() < 0.06 && deep > 1 && deep < 4 && !(t instanceof Y.XmlHook)) { let bad = false; walk(t, p, (x, q) => { if (x instanceof Y.Doc || x instanceof Y.XmlHook || (x !== t && x._item && x._item.parentSub !== null && x._item.parent instanceof Y.XmlElement)) bad = true }); if (!bad) return { p: ['array'], m: 'clone', a: [p] } }
  if (t instanceof Y.XmlFragment) {
    const r = rnd(); const i = ri(t.length + 1); const some = () => Array.from({ length: 1 + ri(2) }, () => node(deep))
    if (t instanceof Y.XmlElement && r < 0.3) return { p, m: 'setAttribute', a: [pick(keys), attr(deep)] }
    if (t instanceof Y.XmlElement && r < 0.35) return { p, m: 'removeAttribute', a: [pick(keys)] }
    if (r < 0.65 || !t.length) return { p, m: 'insert', a: [i, some()] }
    if (r < 0.7) return { p, m: 'push', a: [some()] }
    if (r < 0.75) return { p, m: 'unshift', a: [some()] }
    if (r < 0.85) return { p, m: 'insertAfter', a: [i === 0 ? null : i - 1, some()] }
    return { p, m: 'delete', a: [Math.min(i, t.length - 1), 1] }
  }
  if (t instanceof Y.Array) {
    const r = rnd(); const i = ri(t.length + 1); const some = () => Array.from({ length: ri(4) }, () => element(deep))
    if (r < 0.4 || !t.length) return { p, m: 'insert', a: [i, some()] }
    if (r < 0.55) return { p, m: 'push', a: [some()] }
    if (r < 0.62) return { p, m: 'unshift', a: [some()] }
    const j = ri(t.length); return { p, m: 'delete', a: [j, 1 + ri(Math.min(3, t.length - j))] }
  }
  const r = rnd()
  return r < 0.7 ? { p, m: 'set', a: [pick(keys), value(deep)] } : r < 0.96 ? { p, m: 'delete', a: [pick(keys)] } : { p, m: 'clear', a: [] }
}
const exec = (d, c) => {
  const t = resolve(d, c.p)
  if (c.m === 'clone') return t.push([resolve(d, c.a[0]).clone()])
  if (c.m === 'insertAfter') return t.insertAfter(c.a[0] === null ? null : t.get(c.a[0]), make(c.a[1]))
  return t[c.m](...c.a.map(make))
}
const publish = i => emitted[i].splice(0).map(([u1, u2]) => { updates.push([u1, u2]); for (let o = 0; o < C; o++) if (o !== i) inbox[o].push(updates.length - 1); return [b64(u1), b64(u2)] })
const receive = (i, n) => { const from = inbox[i].splice(0, n); const v = 1 + ri(2); for (const u of from) v === 1 ? Y.applyUpdate(docs[i], updates[u][0], 'remote') : Y.applyUpdateV2(docs[i], updates[u][1], 'remote'); const more = note(i); const sent = publish(i); lines.push({ k: 'recv', c: i, from, v, sent, ...more }) }
// children that are no XML break Yjs's own walker
const isXml = t => t.toArray().every(c => c instanceof Y.XmlText || c instanceof Y.XmlHook || (c instanceof Y.XmlFragment && isXml(c)))
const reads = d => {
  const out = []; const name = t => t === null ? null : t instanceof Y.XmlElement ? t.nodeName : kind(t)
  for (const [t, p] of all(d)) {
    if (t instanceof Y.Array) { if (t.length > 1) out.push([p, 'slice', ser(t.slice(1, -1)), ser(t.slice(-2))]) }
    else if (t instanceof Y.Map) out.push([p, 'keys', [...t.keys()], t.size])
    else if (t instanceof Y.XmlFragment && isXml(t)) {
      out.push([p, 'walk', [...t.createTreeWalker(() => true)].map(name), t.querySelectorAll('p').length, name(t.querySelector('div')), name(t.firstChild)])
      if (t instanceof Y.XmlElement) out.push([p, 'attributes', Object.entries(t.getAttributes()).map(([k, v]) => [k, ser(v)])])
    }
    if ((t instanceof Y.XmlElement || t instanceof Y.XmlText) && t._item && t.parent instanceof Y.XmlFragment) out.push([p, 'siblings', name(t.prevSibling), name(t.nextSibling)])
    if (t instanceof Y.Doc) out.push([p, 'doc', t.guid, t.gc, t.autoLoad, t.shouldLoad, ser(t.meta), t.clientID === d.clientID, t.collectionid])
  }
  out.push(['subdocs', [...d.getSubdocGuids()].sort()])
  return out
}
lines.push({ k: 'session', seed: Number(a.seed), clients: docs.map(d => d.clientID), gc: !a.nogc, roots: !!a.roots })
for (let n = 0; n < Number(a.ops); n++) {
  const i = ri(C); const d = docs[i]
  if (inbox[i].length && rnd() < 0.5) receive(i, 1 + ri(inbox[i].length))
  const calls = []
  d.transact(() => { for (let m = rnd() < 0.7 ? 1 : 1 + ri(4); m--;) { const c = genCall(d); exec(d, c); calls.push(c) } }, 'local')
  const more = note(i); const sent = publish(i)
  lines.push({ k: 'op', c: i, calls, sent, ...more })
}
for (let r = 0; r < 3; r++) for (let i = 0; i < C; i++) if (inbox[i].length) receive(i, inbox[i].length)
docs.forEach((d, i) => lines.push({ k: 'final', c: i, json: json(d), reads: reads(d), v1: b64(Y.encodeStateAsUpdate(d)), v2: b64(Y.encodeStateAsUpdateV2(d)) }))
const text = lines.map(l => JSON.stringify(l)).join('\n') + '\n'
if (a.out) fs.writeFileSync(a.out, text); else process.stdout.write(text)
