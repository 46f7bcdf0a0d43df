// A small language server on standard input and output, made with vscode-jsonrpc as editors know it.

import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const texts = new Map();
connection.onRequest('initialize', () => ({ capabilities: { textDocumentSync: 1 } }));
connection.onNotification('textDocument/didOpen', ({ textDocument }) => {
  texts.set(textDocument.uri, textDocument.text);
});
connection.onRequest('textDocument/hover', ({ textDocument }) => ({
  contents: texts.get(textDocument.uri) ?? '',
}));
connection.onNotification('exit', () => process.exit());
connection.listen();
