#!/usr/bin/env node
// usage: node text_gen.mjs --seed 1 --clients 3 --ops 80 [--nogc] [--rich] [--events] [--full] [--p-deliver 0.4] [--out FILE.jsonl]
// Seeded sessions on one root text "text", driven by real Yjs. JSON lines:
//  {"k":"session","seed":n,"clients":[ids],"gc":bool}
//  {"k":"op","c":client,"calls":[[method,...arguments],...],"u":[b64],"h":hash}   one transaction; "u" = v1 updates emitted, "h" = FNV-1a (32 bits) of the JSON of toDelta afterwards; --full adds it as "d"
//  {"k":"recv","c":client,"from":[numbers of updates],"v":1|2,"u":[b64],"e":[event deltas],"h":hash}   "u" = what the receiver emitted itself: the formatting clean-up
//  {"k":"final","c":client,"v1":b64,"v2":b64,"attributes":{...}}
// A method is insert(index, text, attributes?), embed(index, value, attributes?), type(index, text, attributes?), delete(index, length),
// format(index, length, attributes), delta(steps, sanitize), set(key, value), remove(key). Types in deltas are {"$type":text}.
// Event deltas are read only with --events, on the last client, because reading one may delete markers.
import fs from 'fs'
import * as Y from 'yjs'
const a = { seed: '1', clients: '3', ops: '80', 'p-deliver': '0.4' }
for (let i = 2; i < process.argv.length; i++) { const k = process.argv[i].slice(2); a[k] = process.argv[i + 1] && !process.argv[i + 1].startsWith('--') ? process.argv[++i] : true }
let st = (Number(a.seed) * 2654435761) >>> 0
const rnd = () => { st = (st + 0x6D2B79F5) >>> 0; let t = st; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const ri = n => Math.floor(rnd() * n); const pick = x => x[ri(x.length)]
const b64 = u => Buffer.from(u).toString('base64')
const C = Number(a.clients); const lines = []; const updates = []; const inbox = []
const docs = Array.from({ length: C }, (_, i) => { const d = new Y.Doc({ gc: !a.nogc }); d.clientID = [7, 1, 4294967295, 130, 70000][i % 5] + (i > 4 ? i : 0); d.getText('text'); inbox.push([]); return d })
const words = ['a', 'bc', 'def', 'Hello ', 'wörld', '日本', '😀', 'x\n', '\n', 'zz zz', '👩‍👩‍👧']
const str = () => { let s = ''; for (let n = 1 + ri(3); n--;) s += pick(words); return s }
const pairs = a.rich
  ? [['b', true], ['b', null], ['b', {}], ['i', { x: 1 }], ['i', { x: 1, y: 'z' }], ['i', { x: { y: 1 } }], ['i', null], ['2', 'q'], ['2', null], ['10', 1.5], ['c', 'r'], ['c', ''], ['c', 0], ['é', [1]], ['é', [1, []]], ['é', null], ['c', false]]
  : [['bold', true], ['bold', true], ['bold', null], ['em', {}], ['em', null], ['color', '#f00'], ['color', '#00f'], ['color', null]]
const fmt = () => { const o = {}; for (let n = (rnd() < 0.1 ? 0 : 1) + ri(a.rich ? 3 : 2); n--;) { const [k, v] = pick(pairs); o[k] = v } return o }
const out = d => d.map(s => s.insert instanceof Y.AbstractType ? { ...s, insert: { $type: s.insert.toString() } } : s)
const fnv = s => { let h = 0x811c9dc5; for (const b of Buffer.from(s)) h = Math.imul(h ^ b, 0x01000193) >>> 0; return h }
const state = t => { const d = out(t.toDelta()); return { h: fnv(JSON.stringify(d)), ...(a.full ? { d } : {}) } }
const view = t => { let s = ''; for (let n = t._start; n; n = n.right) if (!n.deleted && n.countable) s += n.content instanceof Y.ContentString ? n.content.str : '\uFFFC'.repeat(n.length); return s }
const safe = (s, i) => i > 0 && i < s.length && /[\udc00-\udfff]/.test(s[i]) && /[\ud800-\udbff]/.test(s[i - 1]) ? i - 1 : i
const place = s => safe(s, ri(s.length + 1))
const range = s => { const i = place(s); const j = safe(s, Math.min(s.length, i + 1 + ri(rnd() < 0.1 ? 40 : 6))); return [i, j - i] }
const steps = s => {
  const d = []; let i = 0
  for (let n = 1 + ri(4); n--;) {
    const r = rnd(); const j = safe(s, Math.min(s.length, i + 1 + ri(5)))
    if (r < 0.35) d.push({ insert: str(), ...(rnd() < 0.6 ? { attributes: fmt() } : {}) })
    else if (r < 0.42) d.push({ insert: { img: str() }, ...(rnd() < 0.5 ? { attributes: fmt() } : {}) })
    else if (r < 0.55 && j > i) { d.push({ delete: j - i }); i = j }
    else if (j > i) { d.push({ retain: j - i, ...(rnd() < 0.5 ? { attributes: fmt() } : {}) }); i = j }
  }
  if (rnd() < 0.05) d.push({ retain: s.length + 2 - i, ...(rnd() < 0.5 ? { attributes: fmt() } : {}) })
  return d
}
const call = t => {
  const s = view(t); const r = rnd(); const [i, n] = range(s); const at = rnd() < 0.5 ? [fmt()] : []
  if (r < 0.34 || !s) return ['insert', place(s), str(), ...(rnd() < 0.35 ? [fmt()] : [])]
  if (r < 0.38) return ['embed', place(s), pick([{ img: 'u' }, { a: { b: [1, null] } }, 5, true, 'text', [1]]), ...at]
  if (r < 0.41) return ['type', place(s), str(), ...at]
  if (r < 0.60) return n ? ['delete', i, n] : null
  if (r < 0.84) return ['format', i, n + (rnd() < 0.05 ? 3 : 0), fmt()]
  if (r < 0.96) return ['delta', steps(s), rnd() < 0.7]
  return rnd() < 0.7 ? ['set', pick(['k', 'l', '3']), pick([str(), null, 1, { a: true }])] : ['remove', pick(['k', 'l'])]
}
const run = (t, [m, ...x]) => {
  x = JSON.parse(JSON.stringify(x))
  switch (m) {
    case 'insert': return t.insert(...x)
    case 'embed': return t.insertEmbed(...x)
    case 'type': return t.insertEmbed(x[0], new Y.Text(x[1]), x[2])
    case 'delete': return t.delete(...x)
    case 'format': return t.format(...x)
    case 'delta': return t.applyDelta(x[0], { sanitize: x[1] })
    case 'set': return t.setAttribute(...x)
    case 'remove': return t.removeAttribute(...x)
  }
}
const capture = (d, f) => { const u = []; const h = (x, o) => { if (o !== 'remote') u.push(x) }; const w = []; const h2 = (x, o) => { if (o !== 'remote') w.push(x) }; d.on('update', h); d.on('updateV2', h2); f(); d.off('update', h); d.off('updateV2', h2); return u.map((x, i) => [x, w[i]]) }
const publish = (c, us) => us.forEach(u => { updates.push(u); for (let o = 0; o < C; o++) if (o !== c) inbox[o].push(updates.length - 1) })
const deliver = c => {
  const q = inbox[c]; if (!q.length) return
  const got = []; for (let n = 1 + ri(q.length); n--;) got.push(q.splice(rnd() < 0.85 ? 0 : ri(q.length), 1)[0])
  const v = 1 + ri(2); const e = []; const t = docs[c].getText('text'); const look = ev => e.push(out(ev.delta))
  const reads = a.events && c === C - 1; if (reads) t.observe(look)
  const u = capture(docs[c], () => { for (const i of got) (v === 1 ? Y.applyUpdate : Y.applyUpdateV2)(docs[c], updates[i][v - 1], 'remote') })
  if (reads) t.unobserve(look)
  publish(c, u)
  lines.push({ k: 'recv', c, from: got, v, u: u.map(x => b64(x[0])), ...(reads ? { e } : {}), ...state(t) })
}
lines.push({ k: 'session', seed: Number(a.seed), clients: docs.map(d => d.clientID), gc: !a.nogc })
for (let m = 0; m < Number(a.ops); m++) {
  const c = ri(C); const d = docs[c]; const t = d.getText('text'); const calls = []
  const u = capture(d, () => d.transact(() => { for (let n = rnd() < 0.8 ? 1 : 1 + ri(3); n--;) { const x = call(t); if (x) { run(t, x); calls.push(x) } } }, 'local'))
  publish(c, u)
  lines.push({ k: 'op', c, calls, u: u.map(x => b64(x[0])), ...state(t) })
  if (rnd() < Number(a['p-deliver'])) deliver(ri(C))
}
for (let g = 0; g < 1000 && inbox.some(q => q.length); g++) for (let c = 0; c < C; c++) deliver(c)
docs.forEach((d, c) => lines.push({ k: 'final', c, v1: b64(Y.encodeStateAsUpdate(d)), v2: b64(Y.encodeStateAsUpdateV2(d)), attributes: d.getText('text').getAttributes() }))
const text = lines.map(l => JSON.stringify(l)).join('\n') + '\n'
if (a.out) fs.writeFileSync(a.out, text); else process.stdout.write(text)
