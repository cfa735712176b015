package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Writes the federation document that the broker under test watches, and has it read at once. */
public final class TestFederation {

  /** The document of the application in this process. */
  static final Path FILE =
      Path.of("target/test-federation" + System.getProperty("test.fork", "") + ".yaml");

  private final List<String> issuers = new ArrayList<>();
  private final List<String> upstreams = new ArrayList<>();
  private final List<String> targets =
      new ArrayList<>(
          List.of(
              "  - {audience: payments-api, mint: {lifetime: 10m}}",
              "  - {audience: orders, mint: {lifetime: 5m}}"));
  private final List<String> rules = new ArrayList<>();
  private final List<String> cases = new ArrayList<>();

  public TestFederation issuer(String name, String issuer) {
    return issuer(name, issuer, "");
  }

  /** An issuer whose credentials may be exchanged once only. */
  public TestFederation onceOnly(String name, String issuer) {
    return issuer(name, issuer, ", once: true");
  }

  private TestFederation issuer(String name, String issuer, String more) {
    issuers.add(
        "  - {name: %s, issuer: '%s', audiences: ['%s']%s}"
            .formatted(name, issuer, FakeIssuer.AUDIENCE, more));
    return rule(name + "-pays", name, "payments-api", "claims.repository == 'acme/payments'");
  }

  /** A target whose tokens are minted. */
  public TestFederation target(String audience) {
    targets.add("  - {audience: '%s', mint: {lifetime: 5m}}".formatted(audience));
    return this;
  }

  /** A target whose tokens are minted, and must be bound so. */
  public TestFederation bound(String audience, String bind) {
    targets.add("  - {audience: '%s', mint: {lifetime: 5m, bind: %s}}".formatted(audience, bind));
    return this;
  }

  /** An upstream that is used by no target. */
  public TestFederation upstream(String name, String tokenEndpoint) {
    upstreams.add(
        "  - {name: %s, tokenEndpoint: '%s', clientId: broker, clientAuthentication: none}"
            .formatted(name, tokenEndpoint));
    return this;
  }

  /**
   * An upstream, and a target of the same name that is exchanged there for whom the issuer knows.
   */
  public TestFederation upstream(String name, String origin, String issuer) {
    upstreams.add(
        "  - {name: %s, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker}"
            .formatted(name, origin));
    targets.add("  - {audience: %s, exchange: {upstream: %s}}".formatted(name, name));
    return rule(name + "-exchanged", issuer, name, "claims.repository == 'acme/payments'");
  }

  public TestFederation rule(String name, String issuer, String audience, String when) {
    return rule(
        name, issuer, audience, when, audience.equals("token-broker") ? "operate" : "deploy, read");
  }

  /** A rule that grants these scopes, with a comma between them. */
  public TestFederation rule(
      String name, String issuer, String audience, String when, String scopes) {
    rules.add(
        "  - {name: %s, issuer: %s, audience: '%s', when: \"%s\", scopes: [%s]}"
            .formatted(name, issuer, audience, when, scopes));
    return this;
  }

  /** A shadow rule that would grant these scopes, with a comma between them. */
  public TestFederation shadow(
      String name, String issuer, String audience, String when, String scopes) {
    rules.add(
        "  - {name: %s, issuer: %s, audience: '%s', when: \"%s\", scopes: [%s], shadow: true}"
            .formatted(name, issuer, audience, when, scopes));
    return this;
  }

  /** The case files that must pass. */
  public TestFederation cases(String pattern) {
    cases.add(pattern);
    return this;
  }

  public String text() {
    return (cases.isEmpty() ? "" : "cases: [" + String.join(", ", cases) + "]\n")
        + "issuers:\n"
        + String.join("\n", issuers)
        + (upstreams.isEmpty() ? "" : "\nupstreams:\n" + String.join("\n", upstreams))
        + "\ntargets:\n"
        + String.join("\n", targets)
        + "\nrules:\n"
        + String.join("\n", rules)
        + "\n";
  }

  public void load(Federations federations) {
    load(text(), federations);
  }

  /** Puts that document in force. */
  public static void load(String text, Federations federations) {
    try {
      Path fresh = Files.writeString(FILE.resolveSibling(FILE.getFileName() + ".new"), text);
      Files.move(fresh, FILE, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    federations.reload();
  }
}
