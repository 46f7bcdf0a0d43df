// The scene, as `npm run example -- remote-shell` plays it.

import { describe, expect, test } from 'vitest';
import { onStage } from '../support/stage.ts';
import { play } from './scene.ts';

describe('the scene', () => {
  test('is played, and all of it holds', async () => {
    expect(await onStage(import.meta.url, play)).toBe(6);
  });
});
