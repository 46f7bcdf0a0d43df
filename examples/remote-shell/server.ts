// The server as a program: `npm run shell -- serve`, with the same options. Its code is in
// server/shell-server.ts.

process.argv.splice(2, 0, 'serve');
await import('./main.ts');
