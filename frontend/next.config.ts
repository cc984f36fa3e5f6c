import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'export',
  basePath: '/ui',
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
};

export default config;
