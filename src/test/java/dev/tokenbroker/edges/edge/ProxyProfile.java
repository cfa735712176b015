package dev.tokenbroker.edges.edge;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/**
 * A broker that believes a proxy, whose issuer has a path that can be written otherwise, and where
 * callers on this machine are operators and requests are recorded, as in dev mode. An exchange may
 * take three seconds.
 */
public final class ProxyProfile implements QuarkusTestProfile {

  public static final String ORIGIN = "https://broker.example";

  /** The path of the issuer. */
  public static final String PATH = "//a%7Eb";

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "quarkus.http.proxy.proxy-address-forwarding", "true",
        "quarkus.http.proxy.allow-x-forwarded", "true",
        "token-broker.token.issuer", ORIGIN + PATH,
        "token-broker.access.operators-on-loopback", "true",
        "token-broker.recording.enabled", "true",
        "token-broker.exchange.max-duration", "3s");
  }
}
