// The watchers themselves: what they are there for does not escape them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Visitor } from './visitor.js';

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src http://localhost:*";

const FAULTS = {
  'a policy that is broken': ['<img src="/x.png" alt="">', /^policy: img-src/],
  'a complaint on the console': ['<script>console.error("broken")</script>', /^console: broken/],
  'an error of a script': ['<script>nothing()</script>', /^script: .*nothing is not defined/],
  'something from elsewhere': ['<img src="http://localhost:54321/" alt="">', /^asked elsewhere: http:..localhost/],
  'a picture that says nothing': ['<img src="data:,">', /critical, light: Images must have alternative text/],
  'grey on white': ['<p style="color:#bbb">read me</p>', /serious, dark: Elements must meet minimum color contrast/],
  'a page that is too wide': ['<p style="width:400px">wide</p>', /scrolls sideways: 4\d\d px/],
};

for (const [name, [html, expected]] of Object.entries(FAULTS)) {
  test(`${name} is seen`, async () => {
    const server = createServer((_, response) => {
      response.setHeader('content-security-policy', POLICY).setHeader('content-type', 'text/html');
      response.end(`<!DOCTYPE html><html lang="en"><title>x</title><main><h1>Here</h1>${html}</main></html>`);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const visitor = await Visitor.arrive();
    await visitor.opens(`http://127.0.0.1:${server.address().port}/`);
    await visitor.sees('Here');
    await visitor.context.close();
    server.close();
    assert.ok(visitor.faults.some((fault) => expected.test(fault)), visitor.faults.join('\n'));
  });
}
