// What has to stay quiet in a browser, whatever page it is on.

/** Writes down what goes wrong anywhere in a context: complaints, breaches of the policy, errors, and strange hosts. */
export async function watch(context, faults) {
  context.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type());
    if (isComplaint && !isRefusal(message)) faults.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`script: ${error.error()}`));
  context.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure().errorText}`));
  context.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') faults.push(`asked elsewhere: ${request.url()}`);
  });
  await context.exposeBinding('violated', (_, what) => faults.push(`policy: ${what}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      globalThis.violated(`${violatedDirective} ${blockedURI}`));
  });
}

/** Chromium complains of a page whose status is an error, as the status of a refusal is; tests look at it themselves. */
function isRefusal(message) {
  const { url } = message.location();
  return url === message.page()?.url() && /^Failed to load resource: .* status of 4\d\d /.test(message.text());
}
