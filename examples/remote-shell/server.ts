// The server as a program: the same as `npm run shell -- serve`, with the same options. The server itself is
// in server/shell-server.ts.

process.argv.splice(2, 0, 'serve');
await import('./main.ts');
