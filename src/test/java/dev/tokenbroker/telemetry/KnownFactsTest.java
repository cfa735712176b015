package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.SerializableString;
import dev.tokenbroker.exchange.HandedToken;
import dev.tokenbroker.exchange.Intent;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KnownFactsTest {

  private static final AuditFacts FACTS = AuditFacts.of(Records.accepted(Intent.EXCHANGE));
  private static final HandedToken TOKEN = Objects.requireNonNull(FACTS.token());
  private static final int SUBJECT = 6;
  private static final int THE_TOKEN = 7;

  @Test
  void facts_are_written_out_from_the_second_time_on() throws Exception {
    KnownFacts known = new KnownFacts();
    assertThat(known.find(FACTS)).isNull();
    SerializableString text = known.find(FACTS);
    assertThat(text).asString().startsWith(",\"federation_revision\":").endsWith("Z\"");
    assertThat(known.find(FACTS)).isSameAs(text);
  }

  @Test
  void no_facts_are_taken_for_others() throws Exception {
    for (int at = 0; at < THE_TOKEN; at++) {
      areNotTakenForKnown(with(FACTS, at));
    }
    for (int at = 0; at < HandedToken.class.getRecordComponents().length; at++) {
      areNotTakenForKnown(with(FACTS, THE_TOKEN, with(TOKEN, at)));
    }
  }

  private static void areNotTakenForKnown(AuditFacts others) throws Exception {
    KnownFacts known = new KnownFacts();
    assertThat(known.find(FACTS)).isNull();
    assertThat(known.find(others)).as("%s", others).isNull();
    assertThat(text(others)).isNotEqualTo(text(FACTS));
  }

  @Test
  void facts_without_a_token_are_not_kept() throws Exception {
    KnownFacts known = new KnownFacts();
    AuditFacts explained = AuditFacts.of(Records.accepted(Intent.EXPLAIN));
    assertThat(known.find(explained)).isNull();
    assertThat(known.find(explained)).isNull();
  }

  @Test
  void long_facts_are_not_kept() throws Exception {
    KnownFacts known = new KnownFacts();
    AuditFacts fits = with(FACTS, SUBJECT, "s".repeat(300));
    assertThat(known.find(fits)).isNull();
    assertThat(known.find(fits)).isNotNull();
    AuditFacts tooLong = with(FACTS, SUBJECT, "s".repeat(KnownFacts.MOST_CHARS));
    assertThat(known.find(tooLong)).isNull();
    assertThat(known.find(tooLong)).isNull();
  }

  private static String text(AuditFacts facts) throws Exception {
    KnownFacts known = new KnownFacts();
    assertThat(known.find(facts)).isNull();
    return Objects.requireNonNull(known.find(facts)).getValue();
  }

  private static Object another(Class<?> type) {
    if (type == String.class) {
      return "another";
    }
    return type == List.class ? List.of("another") : Instant.EPOCH;
  }

  /** The same, but for one component. */
  private static <R extends Record> R with(R facts, int component) throws Exception {
    return with(
        facts, component, another(facts.getClass().getRecordComponents()[component].getType()));
  }

  @SuppressWarnings("unchecked") // The class of a record is final.
  private static <R extends Record> R with(R facts, int component, Object value) throws Exception {
    RecordComponent[] components = facts.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int at = 0; at < values.length; at++) {
      values[at] = at == component ? value : components[at].getAccessor().invoke(facts);
    }
    Constructor<? extends Record> constructor =
        facts
            .getClass()
            .getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
    return (R) constructor.newInstance(values);
  }
}
