// The server as a program of its own: `npm run shell -- serve`, with the same options. How it is made
// stands in server/shell-server.ts.

process.argv.splice(2, 0, 'serve');
await import('./main.ts');
