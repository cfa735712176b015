package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.http.CertificateHistory.CertificateNews;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CertificateHistoryTest {

  private static final Instant END = Instant.parse("2026-12-31T00:00:00Z");
  private static final Instant FAR = END.minus(Duration.ofDays(60));

  private final CertificateHistory history = new CertificateHistory();

  @Test
  void the_first_certificate_and_the_same_one_are_no_news() {
    assertThat(history.next(certificate("a", "root"), FAR).was()).isNull();
    for (int call = 0; call < 100; call++) {
      assertThat(history.next(certificate("a", "root"), FAR).was()).isNull();
    }
  }

  @Test
  void another_certificate_or_another_root_is_news() {
    history.next(certificate("a", "root"), FAR);

    CertificateNews renewed = history.next(certificate("b", "root"), FAR);
    assertThat(renewed.was())
        .isEqualTo(
            "CN=sso issued by CN=ca, until 2026-12-31, root CN=root, SHA-256 aaaaaaaaaaaaaaaa");

    CertificateNews rooted = history.next(certificate("b", "other"), FAR);
    assertThat(rooted.was()).contains("root CN=root, SHA-256 bbbbbbbbbbbbbbbb");
  }

  @Test
  void tells_of_each_step_before_the_expiry_once() {
    List<String> told = new ArrayList<>();
    history.next(certificate("a", "root"), FAR);
    for (int hoursLeft = 40 * 24; hoursLeft >= -48; hoursLeft -= 6) {
      Instant now = END.minus(Duration.ofHours(hoursLeft));
      @Nullable String expiry = history.next(certificate("a", "root"), now).expiry();
      if (expiry != null) {
        told.add(expiry);
      }
    }
    assertThat(told)
        .containsExactly("expires in 30 days", "expires in 7 days", "expires in 24 hours");
  }

  @Test
  void a_certificate_that_is_met_late_is_told_of_once() {
    assertThat(history.next(certificate("a", "root"), END.minus(Duration.ofDays(5))).expiry())
        .isEqualTo("expires in 5 days");
    assertThat(history.next(certificate("a", "root"), END.minus(Duration.ofDays(4))).expiry())
        .isNull();
    assertThat(history.next(certificate("b", "root"), END.plusSeconds(1)).expiry())
        .isEqualTo("expired");
  }

  @Test
  void reports_a_server_with_two_certificates_eight_times_an_hour() {
    Instant now = END.minus(Duration.ofDays(3));
    int changes = 0;
    int expiring = 0;
    for (int call = 0; call < 100; call++) {
      CertificateNews news = history.next(certificate(call % 2 == 0 ? "a" : "b", "root"), now);
      changes += news.was() == null ? 0 : 1;
      expiring += news.expiry() == null ? 0 : 1;
    }
    assertThat(changes).isEqualTo(CertificateHistory.MAX_REPORTS);
    assertThat(expiring).isEqualTo(2);

    assertThat(history.next(certificate("c", "root"), now.plus(Duration.ofHours(1))).was())
        .isNotNull();
  }

  @Test
  void reports_a_certificate_that_lives_for_a_day_once_it_expires() {
    PresentedCertificate daily =
        new PresentedCertificate(
            "d".repeat(64), "CN=sso", "CN=ca", END.minus(Duration.ofDays(1)), END, "CN=root");

    assertThat(history.next(daily, END.minusSeconds(1)).expiry()).isNull();
    assertThat(history.next(daily, END.plusSeconds(1)).expiry()).isEqualTo("expired");
    assertThat(history.next(daily, END.plusSeconds(2)).expiry()).isNull();
  }

  private static PresentedCertificate certificate(String digit, String root) {
    Instant begin = END.minus(Duration.ofDays(90));
    return new PresentedCertificate(digit.repeat(64), "CN=sso", "CN=ca", begin, END, "CN=" + root);
  }
}
