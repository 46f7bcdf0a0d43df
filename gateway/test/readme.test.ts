// README.md names everything that there is, and nothing else.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUS_ERRORS, COUNTERS } from '../src/index.ts';
import { PLAIN_OUTCOMES } from '../src/bus.ts';
import { SETTING_NAMES } from '../src/cli/settings.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function sectionOf(title: string): string {
  return readme.split(/^## /m).find((section) => section.startsWith(title)) ?? '';
}

function firstCells(section: string): string[] {
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
}

test('the table of settings has each of them', () => {
  expect(firstCells(sectionOf('See it')).toSorted()).toEqual([...SETTING_NAMES].toSorted());
});

test('every code of BusError, and every outcome, is named', () => {
  const missing = Object.keys(BUS_ERRORS).filter((code) => !readme.includes(`\`${code}\``));
  expect(missing).toEqual([]);
  expect(PLAIN_OUTCOMES.filter((word) => !sectionOf('On NATS').includes(`\`${word}\``))).toEqual(
    [],
  );
});

test('counters in the table exist', () => {
  const cells = [...sectionOf('When something').matchAll(/\| `(\w+)` \|$/gm)];
  expect(cells.length).toBeGreaterThan(5);
  expect(cells.map(([, name = '']) => name).filter((name) => !(name in COUNTERS))).toEqual([]);
});
