import assert from 'node:assert/strict';
import test from 'node:test';
import * as unstick from 'unstick';
import { echo } from './exercise.mjs';

test('echoes in node:test', async () => {
  assert.equal(await echo(unstick), 'sticky');
});
