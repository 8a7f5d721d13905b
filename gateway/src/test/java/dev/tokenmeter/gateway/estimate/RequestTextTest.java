package dev.tokenmeter.gateway.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTextTest {
    private final TokenCounter counter = new TokenCounter();

    private long tokens(String model, String json) {
        RequestText request = RequestText.of(json.getBytes(StandardCharsets.UTF_8));
        return request.tokens()
                + request.texts().stream()
                        .mapToLong(text -> counter.count(model, text))
                        .sum();
    }

    /**
     * The messages, and what OpenAI's API counted for them, are those of its cookbook:
     * <a href="https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken">counting tokens</a>.
     */
    @ParameterizedTest
    @CsvSource({"gpt-4-0613,129", "gpt-3.5-turbo,129", "gpt-4o,124", "openai/gpt-4o-mini,124"})
    void openAisOwnExampleIsCountedAsItsApiCountsIt(String model, long counted) {
        String request = """
                {"model": "m", "temperature": 0, "user": "not read", "messages": [
                {"role": "system", "content": "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
                {"role": "system", "name": "example_user", "content": "New synergies will help drive top-line growth."},
                {"role": "system", "name": "example_assistant", "content": "Things working well together will increase revenue."},
                {"role": "system", "name": "example_user", "content": "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
                {"role": "system", "name": "example_assistant", "content": "Let's talk later when we're less busy about how to do better."},
                {"role": "user", "content": "This late pivot means we don't have time to boil the ocean for the client deliverable."}]}
                """;
        assertThat(tokens(model, request)).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'TEXT'}]}]}",
                "{'system': [{'type': 'text', 'text': 'TEXT', 'cache_control': {'type': 'ephemeral'}}]}",
                "{'messages': [{'role': 'user', 'content': [{'type': 'tool_result', 'tool_use_id': 'toolu_0123456789', 'content': 'TEXT'}]}]}",
                "{'contents': [{'role': 'user', 'parts': [{'text': 'TEXT'}]}]}",
                "{'systemInstruction': {'parts': [{'text': 'TEXT'}]}}",
                "{'requests': [{'model': 'models/gemini-embedding-001', 'content': {'parts': [{'text': 'TEXT'}]}}]}",
                "{'input': 'TEXT'}",
                "{'input': [{'role': 'user', 'content': [{'type': 'input_text', 'text': 'TEXT'}]}]}",
                "{'instructions': 'TEXT'}",
                "{'prompt': ['TEXT']}"
            })
    void textIsFoundInEveryDialectAndLittleElseIsCounted(String request) {
        String text = "The quick brown fox jumps over the lazy dog.";
        assertThat(tokens("gpt-4o", request.replace('\'', '"').replace("TEXT", text)))
                .isBetween(10L, 18L);
    }

    @Test
    void namesInToolsAreRead() {
        String tool = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":"
                + "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}]}";
        assertThat(tokens("gpt-4o", tool)).isBetween(10L, 25L);
    }

    @Test
    void tokensThatAreSentAsNumbersCountOneEach() {
        assertThat(tokens("text-embedding-3-small", "{\"input\":[[791,4062],[14198]]}"))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'image_url', 'image_url': {'url': 'data:image/png;base64,DATA', 'detail': 'high'}}",
                "{'type': 'image', 'source': {'type': 'base64', 'media_type': 'image/png', 'data': 'DATA'}}",
                "{'inlineData': {'mimeType': 'image/png', 'data': 'DATA'}}",
                "{'type': 'input_image', 'image_url': 'data:image/png;base64,DATA'}"
            })
    void anImageCountsAFlatNumberHoweverManyBytesItHas(String part) {
        String request = "{'messages': [{'role': 'user', 'content': [" + part + "]}]}";
        String json = request.replace('\'', '"').replace("DATA", "iVBORw0KGgo".repeat(10_000));
        assertThat(tokens("gpt-4o", json)).isBetween(765L, 775L);
    }

    @Test
    void aRequestThatBreaksOffAmidAWordCountsUpToThere() {
        assertThat(tokens("gpt-4o", "{\"messages\":[{\"role\":\"user\",\"content\":\"The quick brown fox"))
                .isEqualTo(3 + 1 + 4 + 3);
        assertThat(tokens("gpt-4o", "{\"prompt\":\"The quick brown \\ud83e")).isEqualTo(4);
    }
}
