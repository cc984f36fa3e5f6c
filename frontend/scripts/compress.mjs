/** Puts a `.br` and a `.gz` beside each file of the build that they make smaller; the service sends them as they are. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const OUT = fileURLToPath(new URL('../out', import.meta.url));
const TEXTS = /\.(?:css|html|js|json|svg|txt|webmanifest)$/;
const WORTH_IT = 512; // bytes; below, a response's head is most of it

const PACKERS = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  gz: (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXTS.test(entry.name)) continue;
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  const bytes = await readFile(file);
  if (bytes.length < WORTH_IT) continue;
  for (const [suffix, pack] of Object.entries(PACKERS)) {
    const packed = await pack(bytes);
    if (packed.length < bytes.length) await writeFile(`${file}.${suffix}`, packed);
  }
}
