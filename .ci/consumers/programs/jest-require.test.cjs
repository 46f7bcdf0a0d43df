const unstick = require('unstick');

test('echoes in jest, required from CommonJS', async () => {
  const { echo } = require('./exercise.mjs');
  expect(await echo(unstick)).toBe('sticky');
});
