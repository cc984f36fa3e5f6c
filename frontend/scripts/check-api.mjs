// Fails when the types in lib/api are not those of ../openapi.json.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), 'au-guru-api-'));
const contents = (folder) =>
  Object.fromEntries(readdirSync(folder).sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
try {
  const generator = join(root, 'node_modules/@hey-api/openapi-ts/bin/run.js');
  execFileSync(process.execPath, [generator], { cwd: root, env: { ...process.env, API_TYPES_DIR: fresh }, stdio: 'pipe' });
  if (JSON.stringify(contents(fresh)) !== JSON.stringify(contents(join(root, 'lib/api')))) {
    process.stderr.write('lib/api is not what openapi.json says: run npm run generate\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true });
}
