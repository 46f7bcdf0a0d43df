// The scene of sticky for `npm run example`. It runs demo.ts as a program, which checks its claims itself,
// and checks that the demo exits with 0.

import type { Stage } from '../support/stage.ts';

export async function play(stage: Stage): Promise<void> {
  const demo = stage.start('demo.ts', stage.args, { quiet: true });
  const { code, stdout, stderr } = await demo.ended;
  stage.say(stdout + stderr);
  stage.check('every claim of the demo was made and held', code === 0, `exit code ${code}`);
}
