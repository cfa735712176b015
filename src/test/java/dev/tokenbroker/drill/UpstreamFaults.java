package dev.tokenbroker.drill;

import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.util.List;
import java.util.Map;

/** Faults of upstreams that take connections. */
final class UpstreamFaults {

  private static final String FAILS = "Upstream SLUG fails: ";
  private static final String REFUSES = "Upstream SLUG refuses the target SLUG: ";
  private static final String TOKEN =
      "{\"access_token\":\"opaque-token-of-the-upstream\",\"token_type\":\"Bearer\"";

  private UpstreamFaults() {}

  static List<Fault> all() {
    return List.of(
        error("whose client secret ended", 401, "invalid_client", "AADSTS7000222: keys expired")
            .operator("UPSTREAM_CLIENT_REFUSED")
            .seen("AADSTS7000222: keys expired", "invalid_client", "401", "ORIGIN/token")
            .remedy("clientId and its secret")
            .log(FAILS + "UPSTREAM_CLIENT_REFUSED"),
        error("that refuses the client", 400, "unauthorized_client", "not allowed here")
            .operator("UPSTREAM_NOT_PERMITTED")
            .seen("not allowed here", "unauthorized_client", "400")
            .log(REFUSES),
        error("that refuses the credential", 400, "invalid_grant", "subject is disabled")
            .caller("UPSTREAM_CREDENTIAL_REFUSED")
            .seen("subject is disabled", "invalid_grant")
            .log(""),
        error("that does not know the audience", 400, "invalid_target", "unknown resource")
            .operator("UPSTREAM_REQUEST_REFUSED")
            .seen("unknown resource", "invalid_target")
            .log(REFUSES),
        error("that does not know the scope", 400, "invalid_scope", "no scope read")
            .operator("UPSTREAM_REQUEST_REFUSED")
            .seen("no scope read", "invalid_scope")
            .log(REFUSES),
        error("with an error code of its own", 400, "AADSTS50013", "Assertion failed")
            .operator("UPSTREAM_REQUEST_REFUSED")
            .seen("AADSTS50013", "Assertion failed")
            .log(REFUSES),
        answer("behind a firewall", DrillIssuer.page(403))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("403", "text/html", "ORIGIN/token"),
        answer("whose endpoint is gone", json(404, "{}"))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("404", "ORIGIN/token"),
        answer("that does not take POST", json(405, ""))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("405", "ORIGIN/token"),
        answer(
                "that redirects",
                Reply.of(302, Map.of("Location", "https://login.example/in?code=xyz"), ""))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("302", "https://login.example/in")
            .hidden("code=xyz"),
        answer("that answers a web page", DrillIssuer.page(200))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("200", "text/html"),
        answer("that answers nothing", json(200, ""))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("200", "empty"),
        answer("that answers half of JSON", json(200, TOKEN))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .hidden("opaque-token"),
        answer("that answers no token", json(200, "{\"token_type\":\"Bearer\"}"))
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("access_token"),
        answer(
                "that hands out tokens of another type",
                json(200, TOKEN.replace("Bearer", "mac") + ",\"expires_in\":300}"))
            .upstream("UPSTREAM_TOKEN_UNUSABLE")
            .seen("Its token_type is: mac")
            .log(REFUSES)
            .hidden("opaque-token"),
        answer("that hands out tokens without an end", json(200, TOKEN + "}"))
            .upstream("UPSTREAM_TOKEN_UNUSABLE")
            .seen("expires_in")
            .log(REFUSES),
        answer("that hands out tokens that have ended", json(200, TOKEN + ",\"expires_in\":0}"))
            .upstream("UPSTREAM_TOKEN_UNUSABLE")
            .seen("expires_in")
            .log(REFUSES),
        answer(
                "that hands out more scopes",
                json(200, TOKEN + ",\"expires_in\":200,\"scope\":\"read admin\"}"))
            .operator("UPSTREAM_SCOPE_TOO_WIDE")
            .seen("admin")
            .remedy("allowMoreScopes")
            .log(REFUSES),
        answer("whose tokens outlive the credential", json(200, TOKEN + ",\"expires_in\":3600}"))
            .operator("UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL")
            .seen("Its expires_in is: 3600")
            .remedy("outliveCredential")
            .log(REFUSES),
        answer("that throttles", retry(429, "60"))
            .upstream("UPSTREAM_THROTTLED")
            .seen("429", "Retry-After 60 s")
            .remedy("Raise the broker's limit"),
        answer("that is in trouble", retry(503, "60"))
            .upstream("UPSTREAM_UNAVAILABLE")
            .seen("503", "Retry-After 60 s"),
        answer("that breaks down", json(500, "{}")).upstream("UPSTREAM_UNAVAILABLE").seen("500"),
        answer("that drops connections", Reply.drop()).upstream("UPSTREAM_UNREACHABLE"),
        answer("that resets connections", FakeUpstream.reset()).upstream("UPSTREAM_UNREACHABLE"),
        answer("that hangs", Reply.hang()).upstream("UPSTREAM_TIMED_OUT"),
        answer("that drips", FakeUpstream.drip()).upstream("UPSTREAM_TIMED_OUT"),
        answer("that cuts its answers short", FakeUpstream.cutShort("{"))
            .upstream("UPSTREAM_UNREACHABLE"),
        Fault.of("an upstream where nothing listens", scene -> scene.upstream(Reply.drop()).close())
            .upstream("UPSTREAM_UNREACHABLE")
            .seen("refused")
            .log(FAILS + "UPSTREAM_UNREACHABLE"),
        Fault.of(
                "an upstream at a metadata service",
                scene ->
                    scene.upstreamAt(
                        "tokenEndpoint: 'https://169.254.169.254/token'",
                        "https://169.254.169.254"))
            .operator("UPSTREAM_ADDRESS_REFUSED")
            .seen("a metadata service", "The token endpoint is ORIGIN/token")
            .remedy("not link-local")
            .log(FAILS + "UPSTREAM_ADDRESS_REFUSED"),
        discovered("whose discovery document is of another issuer", "issuer", "https://x.example")
            .operator("UPSTREAM_ISSUER_MISMATCH")
            .seen("names the issuer https://x.example")
            .remedy("equal to the issuer in its discovery document")
            .log(FAILS + "UPSTREAM_ISSUER_MISMATCH"),
        discovered("whose discovery document names no endpoint", "other", "x")
            .upstream("UPSTREAM_ANSWER_MALFORMED")
            .seen("without a text token_endpoint", "The discovery document is at ORIGIN")
            .log(FAILS + "UPSTREAM_ANSWER_MALFORMED"),
        Fault.of(
                "an upstream whose circuit is open",
                scene -> {
                  FakeUpstream[] held = new FakeUpstream[1];
                  boolean[] broken = new boolean[1];
                  held[0] =
                      FakeUpstream.startTls(
                          scene.certificate(), _ -> broken[0] ? json(500, "{}") : token());
                  scene.upstream(held[0]).later(() -> broken[0] = true);
                })
            .upstream("UPSTREAM_CIRCUIT_OPEN")
            .seen("circuit OPEN", "the last failure was UPSTREAM_UNAVAILABLE")
            .log("The circuit of upstream SLUG is open"));
  }

  private static Reply json(int status, String body) {
    return FakeUpstream.json(status, body);
  }

  private static Reply token() {
    return json(200, TOKEN + ",\"expires_in\":200}");
  }

  private static Reply retry(int status, String after) {
    return Reply.of(status, Map.of("Content-Type", "application/json", "Retry-After", after), "{}");
  }

  private static Fault error(String name, int status, String code, String description) {
    return answer(
        name,
        json(
            status,
            "{\"error\":\"%s\",\"error_description\":\"%s\"}".formatted(code, description)));
  }

  private static Fault answer(String name, Reply reply) {
    return Fault.of("an upstream " + name, scene -> scene.upstream(reply)).log(FAILS);
  }

  private static Fault discovered(String name, String member, String value) {
    return Fault.of(
        "an upstream " + name,
        scene -> {
          DrillIssuer discovery = scene.keep(DrillIssuer.start(scene.certificate()));
          discovery.discovery(member, value);
          scene.upstreamAt("issuer: '" + discovery.origin() + "'", discovery.origin());
        });
  }
}
