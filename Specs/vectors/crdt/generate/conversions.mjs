#!/usr/bin/env node
// usage: node conversions.mjs FOLDER_OF_SESSIONS > conversions.jsonl
// For every session the updates that Yjs 13.6.31 converts to other bytes than it emits in that format (it leaves out a bit
// that an entry's key sets): {"log": name, "converted": [[number, v1 converted to v2, v2 converted to v1], ...]}.
import fs from 'fs'
import path from 'path'
import zlib from 'zlib'
import { Y, b64 } from './common.mjs'
const u8 = s => new Uint8Array(Buffer.from(s, 'base64'))
for (const file of fs.readdirSync(process.argv[2]).filter(f => f.endsWith('.jsonl.gz')).sort()) {
  const lines = zlib.gunzipSync(fs.readFileSync(path.join(process.argv[2], file))).toString().trim().split('\n').map(l => JSON.parse(l))
  const converted = []
  for (const line of lines) {
    for (const u of [...(line.k === 'op' && line.v1 ? [line] : []), ...(line.auto || [])]) {
      const v2 = b64(Y.convertUpdateFormatV1ToV2(u8(u.v1)))
      const v1 = b64(Y.convertUpdateFormatV2ToV1(u8(u.v2)))
      if (v2 !== u.v2 || v1 !== u.v1) converted.push([u.i, v2, v1])
    }
  }
  console.log(JSON.stringify({ log: file.replace('.jsonl.gz', ''), converted }))
}
