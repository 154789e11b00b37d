// Writes encoding.json: what lib0 0.2.117 and node 20 make of numbers, texts, values and JSON.
// node encoding_gen.mjs > encoding.json, beside node_modules with lib0.
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'

const hex = bytes => Buffer.from(bytes).toString('hex')
const written = write => { const e = encoding.createEncoder(); write(e); return hex(encoding.toUint8Array(e)) }
const any = value => written(e => encoding.writeAny(e, value))

let state = 2026
const random = n => { // SplitMix-like, so that the file can be made again
  state = (state + 0x9e3779b9) >>> 0
  let x = state
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad); x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return ((x ^ (x >>> 15)) >>> 0) % n
}
const pick = list => list[random(list.length)]
const view = new DataView(new ArrayBuffer(8))
const double = () => { view.setUint32(0, random(2 ** 32)); view.setUint32(4, random(2 ** 32)); return view.getFloat64(0) }
const bits = n => { view.setFloat64(0, n); return view.getBigUint64(0).toString(16).padStart(16, '0') }

// Numbers
const edges = [0, -0, 1, -1, 63, 64, -63, -64, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31 - 1), 2 ** 31, -(2 ** 31), 2 ** 32,
  2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 2 ** 53 + 2, 0.1, 0.5, -0.5, 1 / 3, 1e20, 1e21, 1.5e21, 123456789012345680000, 1e-6, 1e-7, 1.5e-7, 123e-20,
  0.000001234, 0.0000001234, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 4.35, 1e23, 9.5e-7, 100, 1e15, 1e16, 1e17, 16777217, 3.4028234663852886e38,
  3.4028235e38, 1.401298464324817e-45, 999999999999999900000, 1e300, NaN, Infinity, -Infinity]
for (let i = 0; i < 300; i++) edges.push(double())
for (let i = 0; i < 150; i++) edges.push(Math.fround(double()))
for (let i = 0; i < 150; i++) edges.push((random(2 ** 32) - 2 ** 31) * 10 ** (random(40) - 25))
for (let i = 0; i < 100; i++) edges.push(random(2 ** 32) * (random(2 ** 22)))
const numbers = edges.map(n => [bits(n), any(n), JSON.stringify(n), String(n)])

const varUint = [0, 1, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 35, 2 ** 42, 2 ** 49 - 1, 2 ** 49, 2 ** 53 - 1]
  .map(n => [String(n), written(e => encoding.writeVarUint(e, n))])
const varInt = [0, -0, 1, -1, 63, 64, -63, -64, 8191, -8192, 2 ** 31, -(2 ** 31), 2 ** 48, 2 ** 53 - 1, -(2 ** 53 - 1)]
  .map(n => [Object.is(n, -0) ? '-0' : String(n), written(e => encoding.writeVarInt(e, n))])

// Texts
const alphabet = ['a', 'Z', '0', ' ', 'é', 'e\u0301', 'ß', 'Ж', '中', '\ud55c', '\uffff', '\ufeff', '😀', '𝄞', '\u{10ffff}', '\u0000', '\u007f', '\u0080', '\u07ff', '\u0800',
  '\u2028', '"', '\\', '/', '\b', '\n', '\t', '\r', '\f', '\u0001', '\u001f']
const text = n => { let s = ''; for (let i = random(n); i > 0; i--) s += pick(alphabet); return s }
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const length = bytes => { try { return decoder.decode(bytes).length } catch { return -1 } }
const utf8 = []
for (const h of ['', '41', '80', 'bf', 'c0af', 'c1bf', 'c280', 'c2', 'dfbf', 'e08080', 'e09fbf', 'e0a080', 'e0a0', 'ed9fbf', 'eda080', 'edbfbf', 'ee8080', 'efbbbf', 'f0808080',
  'f08fbfbf', 'f0908080', 'f09080', 'f48fbfbf', 'f4908080', 'f5808080', 'f8888080', 'fc8480808080', 'fe', 'ff', '4142434445464748c3', '41424344454647c3a9', '4142434445464748ffff']) {
  utf8.push([h, length(Buffer.from(h, 'hex'))])
}
for (let i = 0; i < 300; i++) {
  const b = Buffer.from(text(40), 'utf8')
  if (b.length > 0 && i % 2 === 1) b[random(b.length)] = random(256)
  utf8.push([hex(b), length(b)])
}
const offsets = []
for (let i = 0; i < 60; i++) {
  const s = text(40)
  const places = []
  for (let units = 0; units <= s.length; units++) {
    const cuts = units > 0 && units < s.length && /[\ud800-\udbff]/.test(s[units - 1])
    places.push([Buffer.byteLength(s.slice(0, cuts ? units - 1 : units)), cuts])
  }
  offsets.push([hex(Buffer.from(s)), places])
}

// Values that lib0 writes: bytes of the value, its JSON (null where there is none)
const key = () => pick(['a', 'b', 'key', '__proto__x', '', 'é', 'e\u0301', '0', '1', '10', '2', '01', '-1', '1.5', '4294967294', '4294967295', '00', text(6)])
const value = depth => {
  switch (random(depth > 3 ? 9 : 12)) {
    case 0: return undefined
    case 1: return null
    case 2: return random(2) === 0
    case 3: return random(1000) - 500
    case 4: return pick(edges)
    case 5: return text(12)
    case 6: return text(3)
    case 7: return BigInt.asIntN(64, BigInt(random(2 ** 32)) << 33n)
    case 8: return Uint8Array.from({ length: random(6) }, () => random(256))
    case 9: return Array.from({ length: random(5) }, () => value(depth + 1))
    default: {
      const o = {}
      for (let i = random(random(10) === 0 ? 60 : 6); i > 0; i--) o[i > 10 ? key() + random(40) : key()] = value(depth + 1)
      return o
    }
  }
}
const json = v => { try { return JSON.stringify(v) ?? null } catch { return null } }
const values = []
for (let i = 0; i < 500; i++) { const v = value(0); values.push([any(v), json(v)]) }

// Bytes as they may come: what lib0 writes after reading them, how many it read; null where it throws or reads beyond the end
const read = []
const tryRead = bytes => {
  const d = decoding.createDecoder(Uint8Array.from(bytes))
  try {
    const v = decoding.readAny(d)
    if (d.pos > bytes.length) return [hex(bytes), null, 0]
    return [hex(bytes), any(v), d.pos]
  } catch { return [hex(bytes), null, 0] }
}
for (const h of ['7d00', '7d40', '7d8000', '7dc000', '7d808000', '7cc0000000', '7c3f800000', '7c7f800001', '7c7fc00000', '7b7ff8000000000000', '7bfff8000000000000',
  '7b3ff0000000000000', '7b3ff8000000000000', '7b3fb999999999999a', '7b8000000000000000', '7c80000000', '7dbfffffff0f', '7d80808010', '7dbfffffffffff1f', '778100'+'61', '74820001ff', '75810078', '7681000161'+'78', '7601810061'+'78',
  '76020131770161013077'+'0162', '76020161770131016177'+'0132', '7603016177013101627701'+'3201617701'+'33', '7601095f5f70726f746f5f5f78', '7602095f5f70726f746f5f5f7600016178', '7502760201327801'+'3179' + '7600',
  '7703efbbbf', '7701ff', '7703eda080', '00', '73', '80', 'ff', '', '7d', '7dff', '7c000000', '7b', '7a00', '77', '7705', '76', '7601', '760161', '75', '7502', '7402']) read.push(tryRead(Buffer.from(h, 'hex')))
const shuffled = v => { // the bytes of a value with the fields of its objects in any order, some twice
  if (v && typeof v === 'object' && !Array.isArray(v) && !(v instanceof Uint8Array)) {
    const keys = Object.keys(v)
    for (let i = keys.length - 1; i > 0; i--) { const j = random(i + 1);[keys[i], keys[j]] = [keys[j], keys[i]] }
    if (keys.length > 0 && random(2) === 0) keys.push(pick(keys))
    return '76' + written(e => encoding.writeVarUint(e, keys.length)) + keys.map(k => written(e => encoding.writeVarString(e, k)) + shuffled(v[k])).join('')
  }
  if (Array.isArray(v)) return '75' + written(e => encoding.writeVarUint(e, v.length)) + v.map(shuffled).join('')
  if (typeof v === 'number' && random(3) === 0) { view.setFloat64(0, v); return '7b' + hex(new Uint8Array(view.buffer)) }
  return any(v)
}
for (let i = 0; i < 300; i++) read.push(tryRead(Buffer.from(shuffled(value(0)), 'hex')))
for (let i = 0; i < 300; i++) {
  const b = Buffer.from(any(value(0)), 'hex')
  b[random(b.length)] = random(3) === 0 ? 116 + random(12) : random(256)
  read.push(tryRead(b))
}

// JSON texts: JSON.stringify(JSON.parse(text)) and the value in lib0's encoding; null where JSON.parse throws
const parsed = []
const tryParse = s => { try { const v = JSON.parse(s); return [s, JSON.stringify(v), any(v)] } catch { return [s, null, null] } }
for (const s of ['null', 'true', 'false', '0', '-0', '1', '-1', '01', '+1', '1.', '.5', '1.0', '1e3', '1E+3', '1e-3', '1e400', '-1e400', '1e-400', '123456789012345678901234567890', '0.1', '1.10', '-', '1e', '"', '""', '"a"',
  '"\\u0041"', '"\\u00e9"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\u000a"', '"\\n"', '"\\/"', '"\\x"', '"\\u12"', '"\\u001f"', '"\\u001F"', '"\\u0008"', '"\t"', '"\u007f\u2028"', '[]', '[ ]', '[1,2]', '[1, 2]', '[1,]', '[,]', '[1 2]', '{}', '{ }',
  '{"a":1}', '{"a":1,}', '{"a" : 1}', '{a:1}', '{"b":1,"a":2}', '{"2":1,"1":2}', '{"b":1,"1":2}', '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"__proto__":1}', '{"__proto__":{"a":1},"x":2}', '{"":1}', ' 1', '1 ', '\n1\r\t', '\ufeff1', '\u00a01', '1 2', '', ' ', 'nul', 'undefined',
  'NaN', '[[[[]]]]', '{"a":{"b":[1,{"c":null}]}}', '"\\ud800"', '"\\udc00x"', '"\\ud800\\u0041"', '"\\uD800"', '{"\\u0061":1,"a":2}', '{"4294967295":1,"4294967294":2}', ']', '}', '1]', '"a" "b"', '[1}', '9007199254740993', '-9007199254740993', '100000000000000000000', '1000000000000000000000', '"a\\u0000b"']) parsed.push(tryParse(s))
for (let i = 0; i < 250; i++) {
  let s = json(value(0))
  if (s == null) continue
  if (i % 3 === 1) s = JSON.stringify(JSON.parse(s), null, 1)
  if (i % 3 === 2 && s.length > 0) { const at = random(s.length); s = (s.slice(0, at) + pick(['', ',', '"', '}', '0', '\\', ' ', ':', 'e', '-', '.']) + s.slice(at + 1)).toWellFormed?.() ?? s }
  parsed.push(tryParse(s))
}
const lines = o => '{\n' + Object.entries(o).map(([k, list]) => JSON.stringify(k) + ': [\n' + list.map(x => JSON.stringify(x)).join(',\n') + '\n]').join(',\n') + '\n}\n'
process.stdout.write(lines({ varUint, varInt, numbers, utf8, offsets, values, read, parsed }))
