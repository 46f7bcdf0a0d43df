export default {
  build: {
    lib: { entry: 'pure.mjs', formats: ['es'], fileName: 'pure' },
    outDir: 'vite-out',
    target: 'es2022',
  },
};
