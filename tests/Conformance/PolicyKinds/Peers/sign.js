// Signs one request by the means of Node and of npm's standardwebhooks, sends it, and prints the status of the answer.
// Its argument is a JSON object: { way, url, key, secret, packages, body }.
const crypto = require('node:crypto');
const { request } = require('node:http');

const { way, url, key, secret, packages, body } = JSON.parse(process.argv[2]);
const target = new URL(url);
const now = Math.floor(Date.now() / 1000);

const ways = {
  signature() {
    const digest = `sha-512=:${crypto.createHash('sha512').update(body).digest('base64')}:`;
    const params = `("@method" "@authority" "@path" "@query" "content-digest");created=${now};keyid="node-1";nonce="${crypto.randomUUID()}";alg="ed25519"`;
    const base = [
      '"@method": POST', `"@authority": ${target.host}`, `"@path": ${target.pathname}`, `"@query": ${target.search || '?'}`,
      `"content-digest": ${digest}`, `"@signature-params": ${params}`,
    ].join('\n');
    const signature = crypto.sign(null, Buffer.from(base), key).toString('base64');
    return { 'Content-Digest': digest, 'Signature-Input': `node=${params}`, Signature: `node=:${signature}:` };
  },
  hmac() {
    const text = [now, 'POST', target.pathname, target.search.slice(1), body].join('\n');
    return { 'X-Key-Id': 'node-2', 'X-Timestamp': `${now}`, 'X-Signature': crypto.createHmac('sha256', secret).update(text).digest('hex') };
  },
  standard() {
    const { Webhook } = require(`${packages}/standardwebhooks`);
    const id = `msg_${crypto.randomUUID()}`;
    return { 'webhook-id': id, 'webhook-timestamp': `${now}`, 'webhook-signature': new Webhook(secret).sign(id, new Date(now * 1000), body) };
  },
};

const sent = request(target, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...ways[way]() } }, (answer) => {
  answer.resume();
  answer.on('end', () => console.log(answer.statusCode));
});
sent.on('error', (error) => { console.error(error.message); process.exit(1); });
sent.end(body);
