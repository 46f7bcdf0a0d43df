// The scene, as `npm run example -- remote-shell` plays it.

import { describe, expect, it } from 'vitest';
import { onStage } from '../support/stage.ts';
import { play } from './scene.ts';

describe('the scene', () => {
  it('is played, and all of it holds', async () => {
    expect(await onStage(import.meta.url, play)).toBe(6);
  });
});
