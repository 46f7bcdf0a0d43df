// A short chat of real processes: a name that is taken, a private message, a user who comes later and
// reads what was said before, and bye.

import type { Stage, StartedProgram } from '../support/stage.ts';

export async function play(stage: Stage): Promise<void> {
  const { port } = await stage.serve();
  const enter = (nick: string, name = nick): StartedProgram =>
    stage.start('client.ts', ['--port', port, '--nick', nick, '--room', '大厅'], { name });

  const ming = enter('小明');
  await ming.line('you are in 大厅');
  ming.type('有人吗？\n');
  await ming.line('小明: 有人吗？');

  const hong = enter('小红');
  await hong.line('  · ');
  stage.check('who comes later reads what was said before', hong.stdout.includes('小明: 有人吗？'));
  await ming.line('小红 entered 大厅');
  hong.type('我在 😀👩‍💻\n');
  await ming.line('小红: 我在 😀👩‍💻');
  stage.check('the others read it, emoji and all', true);

  stage.say('Somebody else wants to be 小明, too:');
  const other = enter('小明', '另一个');
  await other.line('Somebody here is called 小明 already; 小明2 is free.');
  other.type('/nick 小明2\n');
  await other.line('welcome, 小明2');
  stage.check('the name is taken, the reason is clear, and another name goes', true);

  hong.type('/msg 小明 只给你看\n');
  await ming.line('小红 → you: 只给你看');
  other.type('bye\n');
  const { code } = await other.ended;
  await ming.line('小明2 left 大厅');
  stage.check('bye is said, and the others hear of it', code === 0);

  // 小明 has read all that 小明2 could have read, and more.
  stage.check('a private message is private', !other.stdout.includes('只给你看'));
  for (const program of [ming, hong]) {
    program.type('bye\n');
  }
  const codes = await Promise.all([ming, hong].map(async (program) => (await program.ended).code));
  stage.check('everybody ends with 0', codes.join() === '0,0');
}
