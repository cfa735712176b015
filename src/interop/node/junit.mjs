// A CI system that reads JUnit XML, as one does with junit2json.
import { readFile } from 'node:fs/promises';
import { parse } from 'junit2json';
import { serve } from './lines.mjs';

await serve({
  async read({ file }) {
    return { read: await parse(await readFile(file, 'utf8')) };
  },
});
