package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerCertificates;
import dev.tokenbroker.peers.trust.CertifiedKeys;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.util.ExceptionUtil;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.CertificateRecorder;
import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.config.KeyStoreConfig;
import io.quarkus.tls.runtime.config.TlsBucketConfig;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks the broker's own certificates and keys before they serve, keeps the last good ones, and
 * reports files that are unusable and certificates that expire soon.
 *
 * <p>Quarkus reads the files of a TLS configuration again, says nothing if it cannot, and puts any
 * pair into force by an event. This class observes the event before all others: an exception keeps
 * the event from them.
 */
@Singleton
final class OwnCertificates {

  private static final int FIRST = 1;
  private static final int LAST = 10_000;
  private static final Duration ROUND = Duration.ofSeconds(5);

  /** How far the clock of an authority may be ahead. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private static final String REMEDY = "Give the key and the certificate that belong together.";
  private static final URI HERE = URI.create("https://localhost");

  private final PeerCertificates expiries;
  private final ChangeListener changes;
  private final Vertx vertx;
  private final Clocks clock;
  private final Map<String, TlsBucketConfig> settings = new TreeMap<>();
  private final Map<String, List<PresentedCertificate>> inForce = new ConcurrentHashMap<>();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final Rounds rounds =
      new Rounds(OwnCertificates.class, "own-certificates", "Certificates could not be checked");

  OwnCertificates(
      TlsConfig tls, PeerCertificates expiries, ChangeListener changes, Vertx vertx, Clocks clock) {
    this.expiries = expiries;
    this.changes = changes;
    this.vertx = vertx;
    this.clock = clock;
    settings.putAll(tls.namedCertificateConfig());
    tls.defaultCertificateConfig().ifPresent(one -> settings.put(TlsConfig.DEFAULT_NAME, one));
  }

  void start(@Observes @Priority(LAST) StartupEvent event) {
    rounds.begin(Duration.ZERO, ROUND, () -> settings.forEach(this::look));
  }

  @PreDestroy
  void stop() {
    rounds.close();
  }

  /** Key stores with which the broker does not start; the others come into force. */
  List<UnfitSetting> unfit(TlsConfigurationRegistry registry) {
    List<UnfitSetting> unfit = new ArrayList<>();
    settings.forEach(
        (name, one) -> {
          String store = "quarkus.tls." + name + ".key-store";
          String setting = store.replace(TlsConfig.DEFAULT_NAME + ".", "");
          registry
              .get(name)
              .flatMap(read -> problem(one, () -> take(name, read)))
              .map(why -> new UnfitSetting(setting, "is unusable: " + why + ".", REMEDY))
              .ifPresent(unfit::add);
        });
    return unfit;
  }

  /** Throws for a bad pair, so that the observers after this one do not put it into force. */
  void updated(@Observes @Priority(FIRST) CertificateUpdatedEvent event) throws Exception {
    take(event.name(), event.tlsConfiguration());
  }

  private @Nullable Object take(String name, TlsConfiguration read) throws Exception {
    return inForce.put(name, usable(name, read.getKeyStoreOptions()));
  }

  /** Reports what is wrong with the files, and a certificate in force that expires soon. */
  void look(String name, TlsBucketConfig one) {
    String problem =
        one.reloadPeriod().flatMap(_ -> problem(one, () -> read(name, one))).orElse("");
    if (!problem.equals(told.put(name, problem)) && !problem.isEmpty()) {
      String is = problem + "; what was read before stays in force";
      changes.changed(new Change(ChangeKind.CERTIFICATE_REJECTED, SubjectKind.TLS, name, "", is));
    }
    inForce.getOrDefault(name, List.of()).stream()
        .min(Comparator.comparing(PresentedCertificate::notAfter))
        .ifPresent(own -> expiries.compare(new Peer(SubjectKind.TLS, name, ""), HERE, own));
  }

  /** Reads the files as Quarkus does. */
  private Object read(String name, TlsBucketConfig one) throws Exception {
    CertificateRecorder.getTrustStore(one, vertx, name);
    KeyStoreAndKeyCertOptions read = CertificateRecorder.getKeyStore(one, vertx, name);
    return usable(name, read == null ? null : read.options);
  }

  /** Names the files, and what is wrong with them, if anything is. */
  private static Optional<String> problem(TlsBucketConfig one, Callable<?> use) {
    try {
      use.call();
      return Optional.empty();
    } catch (Exception bad) { // as Vert.x declares it
      Throwable root = ExceptionUtil.getRootCause(bad);
      String why = root.getMessage();
      return Optional.of(
          root instanceof FileSystemException file
              ? why + ": " + BoundedFile.why(file)
              : one.keyStore().flatMap(KeyStoreConfig::pem).stream()
                      .flatMap(pem -> pem.keyCerts().values().stream())
                      .map(pair -> pair.cert() + " and " + pair.key() + ": ")
                      .collect(Collectors.joining())
                  + why);
    }
  }

  /** The certificates, each in force already or in its time; the first ones may have expired. */
  private List<PresentedCertificate> usable(String name, @Nullable KeyCertOptions pairs)
      throws Exception {
    List<PresentedCertificate> read = pairs == null ? List.of() : CertifiedKeys.of(pairs, vertx);
    List<PresentedCertificate> before = inForce.getOrDefault(name, read);
    Instant now = clock.instant();
    for (PresentedCertificate one : read) {
      boolean current = !now.isBefore(one.notBefore().minus(SKEW)) && !now.isAfter(one.notAfter());
      if (!before.contains(one) && !current) {
        throw new GeneralSecurityException(
            "the certificate of %s is valid from %s until %s, and now it is %s"
                .formatted(one.subject(), one.notBefore(), one.notAfter(), now));
      }
    }
    return read;
  }
}
