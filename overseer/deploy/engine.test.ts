import { expect, test } from "@jest/globals";
import { toEngineError } from "./engine.ts";

test.each([
  ["No such image: loadstone-beacon:0", "IMAGE_MISSING"],
  ["pull access denied for beacon, repository does not exist", "IMAGE_MISSING"],
  ["Bind for 127.0.0.1:8090 failed: port is already allocated", "PORT_IN_USE"],
  ["listen tcp4 127.0.0.1:8090: bind: address already in use", "PORT_IN_USE"],
  ["write /var/lib/docker/x: no space left on device", "ENGINE_FULL"],
  ["connect ECONNREFUSED /var/run/docker.sock", "ENGINE_UNREACHABLE"],
  ["something that no engine has said before", "ENGINE_FAILED"],
])("%s", (message, code) => {
  const answer = Object.assign(new Error(`(HTTP code 500) server error - ${message} `), { json: { message } });
  expect(toEngineError(answer, "cannot start it")).toMatchObject({ code, message: `cannot start it: ${message}` });
});
