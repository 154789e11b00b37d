#!/usr/bin/env node
// usage: node text_snapshots_gen.mjs [--out FILE.json]
// Texts between snapshots, by real Yjs: [{"client":id,"updates":[b64 v1],"snapshots":[b64 v1],"views":[{"at":n,"since":n|null,"user":bool,"delta":delta}]}]
// "user" asks for {"user":client,"type":...} as the description of a change.
import fs from 'fs'
import * as Y from 'yjs'
let st = 77
const rnd = () => { st = (st + 0x6D2B79F5) >>> 0; let t = st; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const ri = n => Math.floor(rnd() * n); const pick = x => x[ri(x.length)]
const b64 = u => Buffer.from(u).toString('base64')
const all = []
for (let n = 0; n < 6; n++) {
  const docs = [5, 6].map(id => { const d = new Y.Doc({ gc: false }); d.clientID = id; return d })
  const [d, o] = docs; const t = d.getText('text'); const updates = []; const snapshots = []
  d.on('update', u => updates.push(b64(u)))
  for (let m = 0; m < 18; m++) {
    const x = rnd() < 0.4 ? o : d; const s = x.getText('text'); const l = s.length
    const r = rnd(); const i = ri(l + 1); const k = Math.min(l - i, 1 + ri(6))
    if (r < 0.45 || !l) s.insert(i, pick(['abc', 'dé', '\n', 'long text']), ...(rnd() < 0.3 ? [pick([{ b: true }, { c: 'r', b: true }])] : []))
    else if (r < 0.75) { if (k) s.delete(i, k) } else if (r < 0.92) { if (k) s.format(i, k, pick([{ b: true }, { b: null }, { c: 'r' }])) } else s.insertEmbed(i, { img: 1 })
    if (rnd() < 0.7) { Y.applyUpdate(d, Y.encodeStateAsUpdate(o)); Y.applyUpdate(o, Y.encodeStateAsUpdate(d)) }
    if (m % 4 === 1) snapshots.push(Y.snapshot(d))
  }
  const views = []
  for (let at = 0; at < snapshots.length; at++) for (const since of [null, ...Array(at).keys()]) for (const user of since === null ? [false] : [false, true]) {
    const delta = t.toDelta(snapshots[at], since === null ? undefined : snapshots[since], user ? (type, id) => ({ user: id.client, type }) : undefined)
    views.push({ at, since, user, delta })
  }
  all.push({ client: 9, updates, snapshots: snapshots.map(s => b64(Y.encodeSnapshot(s))), views })
}
const i = process.argv.indexOf('--out'); const text = JSON.stringify(all) + '\n'
if (i > 0) fs.writeFileSync(process.argv[i + 1], text); else process.stdout.write(text)
