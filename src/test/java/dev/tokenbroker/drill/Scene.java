package dev.tokenbroker.drill;

import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The peers of one fault, what the federation document says of them, and the request that meets the
 * fault. By default that is a good credential of the good issuer for payments-api.
 */
final class Scene implements AutoCloseable {

  /** A secret of the broker at upstreams, which must show up nowhere. */
  static final String SECRET = "s3cr3t-of-the-broker";

  private final String slug;
  private final Stage stage;
  private final List<AutoCloseable> peers = new ArrayList<>();
  private final StringBuilder issuers = new StringBuilder();
  private final StringBuilder clients = new StringBuilder();
  private final StringBuilder upstreams = new StringBuilder();
  private final StringBuilder targets = new StringBuilder();
  private final StringBuilder rules = new StringBuilder();
  private String origin = "";
  private String tls = "corp";
  private Supplier<String> credential;
  private String audience = "payments-api";
  private String scope = "";
  private String timeout = "";
  private String basic = "";
  private @Nullable Supplier<String> assertion;
  private @Nullable String clientId;
  private @Nullable Runnable change;
  private @Nullable Supplier<String> pioneer;
  private @Nullable UnaryOperator<TestProof> proof;
  private UnaryOperator<String> proofText = UnaryOperator.identity();

  Scene(String slug, Stage stage) {
    this.slug = slug;
    this.stage = stage;
    this.credential = () -> stage.good().credential().sign();
  }

  /** What all scenes share. */
  record Stage(
      TestTls authority, TestTls strangers, TestTls expired, DrillIssuer good, Path directory) {}

  String slug() {
    return slug;
  }

  Stage stage() {
    return stage;
  }

  /** The address of its peer; empty without one. */
  String origin() {
    return origin;
  }

  SSLContext certificate() {
    return stage.authority().server("localhost");
  }

  // --- issuers

  /** A good issuer of its own, to be broken. */
  DrillIssuer issuer() {
    return issuer("tls: corp");
  }

  /** The same with these keys in the document. */
  DrillIssuer issuer(String keys) {
    return issuer(DrillIssuer.start(certificate()), keys);
  }

  DrillIssuer issuer(DrillIssuer started, String keys) {
    peers.add(started);
    issuerAt(started.origin(), keys);
    credential = () -> started.credential().sign();
    return started;
  }

  /** An issuer whose server the scene does not know. */
  Scene issuerAt(String address, String keys) {
    origin = address;
    issuers.append(
        "  - {name: %s, issuer: '%s', audiences: ['%s'], %s}%n"
            .formatted(slug, address, FakeIssuer.AUDIENCE, keys));
    rules.append(
        "  - {name: %s, issuer: %s, audience: payments-api, when: 'true', scopes: [read]}%n"
            .formatted(slug, slug));
    return this;
  }

  /** Makes the broker an issuer of its own federation, for a token that it mints on demand. */
  OwnTokens ownTokens() {
    issuerAt(DrilledBroker.ISSUER, "jwksFile: " + OwnKey.PUBLISHED);
    targets.append("  - {audience: '%s', mint: {lifetime: 10m}}%n".formatted(FakeIssuer.AUDIENCE));
    rules.append(
        "  - {name: %s-own, issuer: good, audience: '%s', when: 'true', scopes: [read]}%n"
            .formatted(slug, FakeIssuer.AUDIENCE));
    return new OwnTokens(stage.good());
  }

  // --- upstreams

  /** The TLS configuration of its upstream. */
  Scene tls(String configuration) {
    tls = configuration;
    return this;
  }

  /** An upstream of its own that answers so; its target is asked for. */
  FakeUpstream upstream(Reply reply) {
    FakeUpstream started = FakeUpstream.startTls(certificate(), _ -> reply);
    upstream(started);
    return started;
  }

  Scene upstream(FakeUpstream started) {
    peers.add(started);
    return upstreamAt("tokenEndpoint: '" + started.origin() + "/token'", started.origin());
  }

  Scene upstreamAt(String endpoint, String address) {
    origin = address;
    upstreams.append(
        "  - {name: %s, %s, clientId: broker, clientSecretFile: secret, tls: %s}%n"
            .formatted(slug, endpoint, tls));
    audience = slug;
    targets.append("  - {audience: %1$s, exchange: {upstream: %1$s}}%n".formatted(slug));
    return rule("good", "true", "scopes: [read]");
  }

  /** Keeps a peer until the end of the drill. */
  <T extends AutoCloseable> T keep(T peer) {
    peers.add(peer);
    return peer;
  }

  // --- clients

  /** A client of its own that proves itself so; its target is for that client alone. */
  Scene client(String entry) {
    clients.append("  - {name: %s, %s}%n".formatted(slug, entry));
    return target("lifetime: 5m", "true", "client: " + slug + ", scopes: [read]");
  }

  // --- rules

  /** A minted target of its own with one rule, which is asked for. */
  Scene target(String mint, String when, String more) {
    targets.append("  - {audience: %s, mint: {%s}}%n".formatted(slug, mint));
    return asks(slug).rule("good", when, more);
  }

  /** A further rule for the target of the scene. */
  Scene rule(String issuer, String when, String more) {
    String number = rules.isEmpty() ? "" : "-" + rules.length();
    rules.append(
        "  - {name: %s%s, issuer: %s, audience: %s, when: '%s', %s}%n"
            .formatted(slug, number, issuer, slug, when, more));
    return this;
  }

  // --- the request

  Scene with(Supplier<String> presented) {
    credential = presented;
    return this;
  }

  /** Sends an id and a secret in {@code Authorization}. */
  Scene basic(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    basic = "Basic " + Base64.getEncoder().encodeToString(pair);
    return this;
  }

  /** Sends an assertion of the client, made for each call. */
  Scene assertion(Supplier<String> made) {
    assertion = made;
    return this;
  }

  /** Presents the credential as its client's assertion, with that {@code client_id}. */
  Scene clientId(String stated) {
    clientId = stated;
    return this;
  }

  String basic() {
    return basic;
  }

  String assertion() {
    return assertion == null ? "" : assertion.get();
  }

  @Nullable String clientId() {
    return clientId;
  }

  Scene asks(String target) {
    audience = target;
    return this;
  }

  Scene scope(String asked) {
    scope = asked;
    return this;
  }

  /** Gives calls over gRPC a deadline that the client does not watch itself. */
  Scene timeout(String header) {
    timeout = header;
    return this;
  }

  /** Changes a good proof of possession that calls are sent with. */
  Scene proof(UnaryOperator<TestProof> changed) {
    proof = changed;
    return this;
  }

  /** Changes the text of a good proof. */
  Scene proofText(UnaryOperator<String> changed) {
    proofText = changed;
    return proof(UnaryOperator.identity());
  }

  UnaryOperator<String> proofText() {
    return proofText;
  }

  /** What is done after one good exchange, when the drill comes to this fault. */
  Scene later(Runnable injected) {
    change = injected;
    return this;
  }

  /** What another caller presents until it is accepted, after the change. */
  Scene first(Supplier<String> presented) {
    pioneer = presented;
    return this;
  }

  @Nullable Supplier<String> pioneer() {
    return pioneer;
  }

  String credential() {
    return credential.get();
  }

  String audience() {
    return audience;
  }

  String scope() {
    return scope;
  }

  String timeout() {
    return timeout;
  }

  @Nullable UnaryOperator<TestProof> proof() {
    return proof;
  }

  @Nullable Runnable change() {
    return change;
  }

  // --- the document

  String issuers() {
    return issuers.toString();
  }

  String clients() {
    return clients.toString();
  }

  String upstreams() {
    return upstreams.toString();
  }

  String targets() {
    return targets.toString();
  }

  String rules() {
    return rules.toString();
  }

  /** Writes a file beside the document. */
  Path write(String file, String text) {
    return Unchecked.get(() -> Files.writeString(stage.directory().resolve(file), text));
  }

  @Override
  public void close() {
    for (AutoCloseable peer : peers) {
      Unchecked.run(peer::close);
    }
  }
}
