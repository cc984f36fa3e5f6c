/** The owner's app in front of the service: `/api` of the one is `/api` of the other. */
import path from 'node:path';

export default {
  // Where node_modules is found: it is the frontend's.
  turbopack: { root: path.resolve(import.meta.dirname, '../../..') },
  rewrites: async () => [{ source: '/api/:path*', destination: `${process.env.SERVICE_URL}/api/:path*` }],
};
