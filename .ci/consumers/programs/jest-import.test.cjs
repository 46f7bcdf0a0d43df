test('echoes in jest, imported from CommonJS', async () => {
  const { echo } = await import('./exercise.mjs');
  expect(await echo(await import('unstick'))).toBe('sticky');
});
