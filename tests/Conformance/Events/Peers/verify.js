// Verifies a webhook as it was received: by npm's standardwebhooks with a shared secret, and by the means of Node with the public half of a pair.
// Its argument is a JSON object: { packages, secret, public, headers, body }, the body in base64; it prints what each of the two says, then of one byte that is another.
const crypto = require('node:crypto');

const { packages, secret, public: half, headers, body } = JSON.parse(process.argv[2]);
const bytes = Buffer.from(body, 'base64');

const ways = {
  library(payload) {
    const { Webhook } = require(`${packages}/standardwebhooks`);
    try {
      new Webhook(secret).verify(payload, headers);
      return 'taken';
    } catch (error) {
      if (error.constructor.name !== 'WebhookVerificationError') throw error;
      return 'refused';
    }
  },
  node(payload) {
    const x = Buffer.from(half.slice('whpk_'.length), 'base64').toString('base64url');
    const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signed = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), payload]);
    const given = headers['webhook-signature'].split(' ').filter((text) => text.startsWith('v1a,'));
    return given.some((text) => crypto.verify(null, signed, key, Buffer.from(text.slice('v1a,'.length), 'base64'))) ? 'taken' : 'refused';
  },
};

// Still JSON, so that nothing but the signature tells.
const changed = Buffer.from(bytes);
const at = changed.indexOf('ord_1');
changed[at + 4] = '2'.charCodeAt(0);
const wanted = [secret && 'library', half && 'node'].filter(Boolean);
console.log(wanted.flatMap((way) => [bytes, changed].map((payload) => `${way} ${ways[way](payload)}`)).join(', '));
