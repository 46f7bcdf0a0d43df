// The recipe for metrics, with each library of others that it names.

import { describe, expect, test } from 'vitest';
import type { Block } from './markdown.ts';
import { blocksOf, kitchen, recipe } from './recipes.ts';
import type { Recipe } from './recipes.ts';

/** What a reader of the recipe adds for a library of metrics, and what shows the values at the end. */
const METERS = [
  {
    name: 'prom-client',
    before: `import { register } from 'prom-client';`,
    after: `console.log(await register.metrics());`,
  },
  {
    name: '@opentelemetry/api',
    before: `
      import { AggregationTemporality, InMemoryMetricExporter } from '@opentelemetry/sdk-metrics';
      import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({ exporter });
      telemetry.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));`,
    after: `
      await reader.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      for (const { descriptor, dataPoints } of scopes.flatMap(({ metrics: given }) => given))
        for (const { value, attributes } of dataPoints)
          console.log(descriptor.name, value, JSON.stringify(attributes));
      await reader.shutdown();`,
  },
];

/** The recipe with the lines for another library, and with a stranger who makes an error. */
function counted(block: Block): Recipe {
  const meter = METERS.find(({ name }) => block.text.includes(`from '${name}'`));
  if (meter === undefined) {
    throw new Error(`${block.place} uses a library that this test does not know`);
  }
  const [imports = '', ...lines] = block.text.split('\n');
  const text = counting.program.text
    .replace(/^/, `${imports}\n${meter.before}\n`)
    .replace('const codec =', `${lines.join('\n')}\nconst codec =`)
    .replace(
      'await connection.close();',
      `const stranger = (await import('node:net')).connect(server.port);
      stranger.on('error', () => undefined).write('GET / HTTP/1.1\\r\\n');
      await new Promise((resolve) => stranger.once('close', resolve));
      ${meter.after}
      await connection.close();`,
    );
  return { ...counting, program: { ...counting.program, text } };
}

const counting = recipe('Metrics and logs');
const elsewhere = blocksOf('Metrics and logs').filter(({ info }) => info === 'js');
const { start } = kitchen(elsewhere.map(counted));

describe('the numbers of the recipe for metrics', () => {
  test.each([
    ['prom-client', 0, 'frames_connections 1', 'frames_errors_total{code="ERR_FRAME_TOO_LARGE"} 1'],
    [
      'OpenTelemetry',
      1,
      'frames.connections 1 {}',
      'frames.errors 1 {"code":"ERR_FRAME_TOO_LARGE"}',
    ],
  ])('reach %s', async (_name, index, connections, errors) => {
    const { printed, warned, code } = await start(index).over;
    expect(warned).toBe('');
    expect(code).toBe(0);
    expect(printed.split('\n')).toEqual(expect.arrayContaining([connections, errors]));
  });
});
