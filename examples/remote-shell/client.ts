// The client as a program, with the same options and commands as `npm run shell` (main.ts). The class of the
// client is in client/shell-client.ts.

await import('./main.ts');
