/** GRAPHENE_MAX_SHARE_SUPPLY: no asset has more of its smallest units. */
export const maximumSupply = 1_000_000_000_000_000;
