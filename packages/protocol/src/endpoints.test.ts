import { describe, expect, it } from 'vitest';
import { ENDPOINTS, type Endpoint, ROUTES, type RouteName, zMatchQuery } from './index.ts';

describe('ENDPOINTS', () => {
  it('has one entry for each route, with exactly the parameters of its path', () => {
    expect(Object.keys(ENDPOINTS)).toEqual(Object.keys(ROUTES));
    for (const [name, route] of Object.entries(ROUTES) as [RouteName, string][]) {
      const endpoint: Endpoint = ENDPOINTS[name];
      expect([name, Object.keys(endpoint.params?.shape ?? {})]).toEqual([name, [...route.matchAll(/:(\w+)/g)].map((found) => found[1])]);
      expect([name, endpoint.body !== undefined]).toEqual([name, /^(POST|PUT|DELETE)/.test(route)]);
    }
  });

  it('reads numbers of an address as numbers, within limits', () => {
    expect(zMatchQuery.parse({})).toEqual({ order: 'newest', limit: 50 });
    expect(zMatchQuery.parse({ cursor: '12', limit: '500' })).toEqual({ cursor: 12, order: 'newest', limit: 500 });
    for (const limit of ['0', '501', '1.5', '1e2', ' 1', '', 'x']) expect(zMatchQuery.safeParse({ limit }).success).toBe(false);
  });
});
