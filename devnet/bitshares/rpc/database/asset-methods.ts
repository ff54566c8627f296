import type { Asset } from "../../chain/objects.ts";
import type { State } from "../../chain/state.ts";
import { findAccount, findAsset, readList, readText, readUnsigned } from "../arguments.ts";
import type { Method } from "../method.ts";
import { renderExtendedAsset } from "../render-objects.ts";

function renderOrNull(asset: Asset | undefined, state: State) {
  return asset === undefined ? null : renderExtendedAsset(asset, state);
}

export const assetMethods: Readonly<Record<string, Method>> = {
  get_assets: {
    required: 1,
    run: ([ids], { node }) =>
      JSON.stringify(readList(ids).map((id) => renderOrNull(findAsset(node.chain.state, id), node.chain.state))),
  },
  lookup_asset_symbols: {
    required: 1,
    run: ([symbols], { node }) =>
      JSON.stringify(
        readList(symbols).map((symbol) => renderOrNull(findAsset(node.chain.state, symbol), node.chain.state)),
      ),
  },
  list_assets: {
    required: 2,
    run: ([lowerBound, limit], { node }) => {
      const from = readText(lowerBound);
      const assets = [...node.chain.state.assets.values()].filter(({ symbol }) => symbol >= from);
      assets.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      return JSON.stringify(
        assets.slice(0, readUnsigned(limit)).map((asset) => renderExtendedAsset(asset, node.chain.state)),
      );
    },
  },
  get_asset_count: { required: 0, run: (_args, { node }) => String(node.chain.state.assets.size) },
  get_asset_id_from_string: {
    required: 1,
    run: ([symbol], { node }) => `"1.3.${findAsset(node.chain.state, symbol)?.instance ?? 0}"`,
  },
  get_assets_by_issuer: {
    required: 1,
    run: ([issuer], { node: { chain } }) => {
      const account = findAccount(chain.state, issuer)?.instance;
      return JSON.stringify(
        [...chain.state.assets.values()]
          .filter((asset) => asset.issuer === account)
          .map((asset) => renderExtendedAsset(asset, chain.state)),
      );
    },
  },
};
