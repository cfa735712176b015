package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.DefaultTrust;
import dev.tokenbroker.peers.trust.RegistryTlsTest.Configuration;
import dev.tokenbroker.peers.trust.RegistryTlsTest.Registry;
import dev.tokenbroker.peers.trust.SettingsTlsTest;
import dev.tokenbroker.peers.trust.SystemTrust;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.peers.trust.TlsLookup;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class DefaultTrustTest {

  private static final PemTrustOptions STORE = new PemTrustOptions().addCertPath("root.pem");
  private static final TlsLookup STORE_FOR_ALL = new Lookup(STORE, true);
  private static final TlsLookup STORE_WITHOUT_KEYS = new Lookup(STORE, false);
  private static final TlsLookup NOTHING = new Lookup(null, false);
  private static final SystemTrust JVM = SystemTrust.of(null, List.of());

  /** The same trust, or none, whatever is asked for. */
  private record Lookup(@Nullable PemTrustOptions trust, boolean defaultHasKeys)
      implements TlsLookup {

    @Override
    public boolean configure(@Nullable String name, HttpClientOptions options) {
      if (trust != null) {
        options.setTrustOptions(trust);
      }
      return trust != null;
    }
  }

  @TempDir Path directory;

  private final HttpClientOptions options = new HttpClientOptions();
  @AutoClose private final Vertx vertx = Vertx.vertx();

  @Test
  void goes_by_the_default_configuration_before_the_system() {
    assertThat(trust(STORE_FOR_ALL, system(), ClientAuth.NONE).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(STORE);
  }

  @ParameterizedTest
  @EnumSource
  void goes_by_the_system_where_nothing_is_configured(ClientAuth callers) {
    assertThat(trust(NOTHING, system(), callers).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(system().options().orElseThrow());
  }

  @ParameterizedTest
  @EnumSource
  void goes_by_the_jvm_where_the_system_says_nothing_either(ClientAuth callers) {
    assertThat(trust(NOTHING, JVM, callers).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isNull();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void follows_the_system_while_the_default_vouches_for_callers(ClientAuth callers) {
    assertThat(trust(STORE_FOR_ALL, system(), callers).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(system().options().orElseThrow());
  }

  @ParameterizedTest
  @EnumSource
  void follows_the_default_configuration_if_the_server_has_no_key(ClientAuth callers) {
    assertThat(trust(STORE_WITHOUT_KEYS, system(), callers).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(STORE);
  }

  @ParameterizedTest
  @EnumSource
  void goes_by_a_named_configuration_alone(ClientAuth callers) {
    assertThat(trust(STORE_FOR_ALL, system(), callers).configure("corp", options)).isTrue();
    assertThat(options.getTrustOptions()).isEqualTo(STORE);
    assertThat(trust(NOTHING, system(), callers).configure("corp", options)).isFalse();
  }

  /**
   * Whether callers are asked for certificates, the TLS configuration of the server, and whether an
   * issuer with a certificate of the default one's authority is believed.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @CsvSource({
    "NONE, , true",
    "REQUEST, , false",
    "REQUIRED, , false",
    "REQUIRED, <default>, false",
    "REQUIRED, edge, true",
  })
  @interface ServersAndBelief {}

  @ServersAndBelief
  void the_broker_trusts_no_issuer_by_the_authority_of_callers(
      ClientAuth callers, @Nullable String server, boolean believed) {
    TestTls authority = TestTls.generate();
    Configuration configuration =
        new Configuration(
            new PemTrustOptions().addCertPath(authority.writeRoot(directory).toString()), false);
    PeerSettings settings = new PeerClients.Settings(Duration.ofSeconds(20), true);

    believesBy(
        authority,
        new PeerClient(
            settings,
            new HttpClients(
                vertx,
                settings,
                new DefaultTrust(new Registry(configuration, null), authorities(callers, server))),
            PeerClients.noCertificates()),
        believed);
  }

  @ServersAndBelief
  void a_command_trusts_no_issuer_by_the_authority_of_callers(
      ClientAuth callers, @Nullable String server, boolean believed) {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "us", "localhost");

    believesBy(
        authority,
        PeerClient.standalone(
            vertx,
            new PeerClients.Settings(Duration.ofSeconds(20), true),
            authorities(callers, server),
            SettingsTlsTest.settings(
                Map.of(
                    "quarkus.tls.trust-store.pem.certs", authority.writeRoot(directory).toString(),
                    "quarkus.tls.key-store.pem.0.cert", directory.resolve("us.crt").toString(),
                    "quarkus.tls.key-store.pem.0.key", directory.resolve("us.key").toString()))),
        believed);
  }

  /** Whom the client believes whose default configuration trusts that authority. */
  private static void believesBy(TestTls authority, PeerClient client, boolean believed) {
    try (FakeServer issuer =
        FakeServer.startTls(authority.server("localhost"), asked -> FakeServer.Reply.ok())) {
      CallEnd fetched =
          client.get(
              PeerRequest.document(URI.create(issuer.origin() + "/"), null),
              Deadline.after(Duration.ofHours(1)));

      if (believed) {
        assertThat(fetched).isInstanceOf(CallEnd.Response.class);
      } else {
        assertThat(fetched)
            .isInstanceOfSatisfying(
                CallFailed.class,
                failed -> assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_UNTRUSTED));
      }
    }
  }

  private SystemTrust system() {
    return SystemTrust.of(TestTls.generate().writeRoot(directory).toString(), List.of());
  }

  private static DefaultTrust trust(
      TlsLookup configurations, SystemTrust system, ClientAuth callers) {
    return new DefaultTrust(configurations, system, authorities(callers, null));
  }

  /**
   * @param server the TLS configuration that the server names
   */
  private static CallerAuthorities authorities(ClientAuth callers, @Nullable String server) {
    return new CallerAuthorities(() -> callers, () -> Optional.ofNullable(server));
  }
}
