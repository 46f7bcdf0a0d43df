// The tables of facts in the READMEs say what ssh, sftp, IRC and the examples do, as it is found by trying.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readMarked } from '../support/marks.ts';
import { onStage } from '../support/stage.ts';
import { contests } from './contests.ts';
import { tableOf } from './table.ts';

describe.each(Object.entries(contests))(
  'the facts beside %s',
  (_name, { needs, example, facts }) => {
    test.skipIf(!existsSync(needs))(
      `are those of both READMEs of ${example} (needs ${needs})`,
      () =>
        onStage(import.meta.url, async (stage) => {
          const table = tableOf(await facts(stage));
          for (const page of ['README.md', 'README.zh-CN.md']) {
            const readme = new URL(`../${example}/${page}`, import.meta.url);
            expect(readMarked(readme, 'facts')).toBe(table);
          }
        }),
    );
  },
);
