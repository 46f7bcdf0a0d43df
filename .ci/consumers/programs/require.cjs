const { lengthPrefixed, serve } = require('unstick');
const { messages } = require('unstick/codec');
if (typeof serve !== 'function' || typeof messages !== 'function') {
  throw new Error('a name is missing');
}
console.log(
  Buffer.concat(lengthPrefixed().encode(Buffer.from('hi'))).toString('hex') === '000000026869'
    ? 'all is well'
    : 'wrong',
);
