package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.UnreadAnswers.Share;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of 1000 bytes at most. */
class UnreadAnswersTest {

  private final UnreadAnswers unread = new UnreadAnswers(1_000);

  @Test
  void are_too_many_for_one_connection_from_a_half_of_all() {
    Share share = unread.share();

    assertThat(share.hold(500)).isTrue();
    assertThat(share.hold(501)).isFalse();
    assertThat(unread.held()).isEqualTo(501);
  }

  @Test
  void are_forgotten_once_they_are_read() {
    Share share = unread.share();
    assertThat(share.hold(400)).isTrue();

    assertThat(share.hold(0)).isTrue();

    assertThat(unread.held()).isZero();
  }

  @Test
  void are_too_many_for_who_has_more_than_an_even_share_where_all_is_taken() {
    Stream.generate(unread::share).limit(3).forEach(share -> assertThat(share.hold(300)).isTrue());

    assertThat(unread.share().hold(251)).isFalse();
    assertThat(unread.share().hold(1)).as("by a fifth connection").isTrue();
  }
}
