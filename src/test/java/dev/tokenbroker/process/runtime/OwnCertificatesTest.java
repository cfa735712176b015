package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.peers.http.PeerCertificates;
import dev.tokenbroker.peers.trust.TestTls;
import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs in PEM files, which live for a day. */
class OwnCertificatesTest {

  @TempDir private Path directory;

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock(Instant.now());
  private final List<Change> changes = new ArrayList<>();

  // Both are there before each test.
  @SuppressWarnings("NullAway.Init")
  private TlsConfig settings;

  @SuppressWarnings("NullAway.Init")
  private OwnCertificates own;

  @BeforeEach
  void configure() {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "one", "one.example");
    authority.writePair(directory, "two", "two.example");
    settings =
        Settings.of(
            TlsConfig.class,
            Map.of(
                "quarkus.tls.edge.key-store.pem.0.cert", path("one.crt"),
                "quarkus.tls.edge.key-store.pem.0.key", path("two.key")));
    own =
        new OwnCertificates(
            settings, new PeerCertificates(changes::add, clock), changes::add, vertx, clock);
  }

  @Test
  void are_refused_at_the_start_if_a_key_does_not_fit() {
    assertThat(own.unfit(new Registry(pair("one", "one")))).isEmpty();
    assertThat(own.unfit(new Registry(pair("one", "two"))))
        .singleElement()
        .satisfies(
            unfit -> {
              assertThat(unfit.setting()).isEqualTo("quarkus.tls.edge.key-store");
              assertThat(unfit.problem())
                  .contains(path("one.crt"), path("two.key"), "does not fit", "CN=one.example");
            });
  }

  @Test
  void may_have_expired_before_the_start_which_is_told() {
    clock.advance(Duration.ofHours(13));

    assertThat(own.unfit(new Registry(pair("one", "one")))).isEmpty();
    look();
    assertThat(changes)
        .singleElement()
        .returns(ChangeKind.CERTIFICATE_EXPIRING, Change::kind)
        .extracting(Change::is)
        .asString()
        .startsWith("expired: CN=one.example");
  }

  @Test
  void come_into_force_only_as_pairs_that_are_in_their_time() throws Exception {
    own.updated(event(pair("one", "one")));

    assertThatThrownBy(() -> own.updated(event(pair("two", "one"))))
        .hasMessageContaining("does not fit");
    clock.advance(Duration.ofHours(13));
    assertThatThrownBy(() -> own.updated(event(pair("two", "two"))))
        .hasMessageContaining("CN=two.example is valid from ");
    own.updated(event(pair("one", "one"))); // in force already, and Quarkus reads it each period
    clock.advance(Duration.ofHours(-13));
    own.updated(event(pair("two", "two")));
  }

  @Test
  void report_their_expiry_and_when_others_take_effect() throws Exception {
    own.updated(event(pair("one", "one")));
    look();
    assertThat(changes).isEmpty();
    clock.advance(Duration.ofHours(13));
    look();
    look();
    clock.advance(Duration.ofHours(-13));
    own.updated(event(pair("two", "two")));
    look();

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(ChangeKind.CERTIFICATE_EXPIRING, ChangeKind.CERTIFICATE_CHANGED);
    assertThat(changes.getFirst())
        .returns(SubjectKind.TLS, Change::subjectKind)
        .returns("edge", Change::subject)
        .extracting(Change::is)
        .asString()
        .startsWith("expired: CN=one.example issued by CN=Token Broker Test Root, until ");
  }

  private void look() {
    settings.namedCertificateConfig().forEach(own::look);
  }

  private PemKeyCertOptions pair(String certificate, String key) {
    return new PemKeyCertOptions()
        .addCertPath(path(certificate + ".crt"))
        .addKeyPath(path(key + ".key"));
  }

  private String path(String file) {
    return directory.resolve(file).toString();
  }

  private static CertificateUpdatedEvent event(KeyCertOptions pairs) {
    return new CertificateUpdatedEvent("edge", new Configuration(pairs));
  }

  private record Registry(KeyCertOptions pairs) implements TlsConfigurationRegistry {

    @Override
    public Optional<TlsConfiguration> get(String name) {
      return Optional.of(name).filter("edge"::equals).map(_ -> new Configuration(pairs));
    }

    @Override
    public Optional<TlsConfiguration> getDefault() {
      return Optional.empty();
    }

    @Override
    public void register(String name, TlsConfiguration configuration) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Configuration extends BaseTlsConfiguration {

    private final KeyCertOptions pairs;

    Configuration(KeyCertOptions pairs) {
      this.pairs = pairs;
    }

    @Override
    public KeyCertOptions getKeyStoreOptions() {
      return pairs;
    }
  }
}
