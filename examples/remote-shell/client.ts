// The client as a program of its own: `npm run shell`, with the same options and commands. How it is made
// stands in client/shell-client.ts.

await import('./main.ts');
