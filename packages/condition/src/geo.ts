/**
 * Kilometres along the great circle between two places given in degrees.
 * Source  haversine formula with the mean Earth radius (IUGG, 6371.0088 km); error against the ellipsoid below 0.6 %.
 */
export function geoKm(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const radians = Math.PI / 180;
  const half = Math.sin(((lat2 - lat1) * radians) / 2) ** 2
    + Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * Math.sin(((lon2 - lon1) * radians) / 2) ** 2;
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(half)));
}
