// The client as a program: `npm run shell`, with the same options and commands. Its code is in
// client/shell-client.ts.

await import('./main.ts');
