/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/html.h"

#define LOST "\xEF\xBF\xBD"

typedef void (*write_function)(struct tb_html *html, const char *text);

static char *written(write_function write, const char *text)
{
    char *page = NULL;
    size_t size = 0;
    struct tb_html html = {.out = open_memstream(&page, &size)};
    assert_non_null(html.out);
    write(&html, text);
    fclose(html.out);
    return page;
}

static void text_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *escaped;
    } facts[] = {
        {"", ""},
        {"plain", "plain"},
        {"</script>", "&lt;/script&gt;"},
        {"a & \"b\" 'c'", "a &amp; &quot;b&quot; &#39;c&#39;"},
        {"two\nlines\ttab\x7F", "two lines tab "},
        {"\xC2\x85 next line", "  next line"},
        {"caf\xC3\xA9 \xE2\x9C\x93 \xF0\x9F\x90\xA7", "caf\xC3\xA9 \xE2\x9C\x93 \xF0\x9F\x90\xA7"},
        {"cut \xE2\x9C", "cut " LOST LOST},
        {"\xFF", LOST},
        {"overlong \xC0\xBC", "overlong " LOST LOST},
        {"surrogate \xED\xA0\x80", "surrogate " LOST LOST LOST},
        {"beyond \xF4\x90\x80\x80", "beyond " LOST LOST LOST LOST},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char *page = written(tb_html_text, facts[i].text);
        assert_string_equal(page, facts[i].escaped);
        free(page);
    }
}

static void element(struct tb_html *html, const char *text)
{
    tb_html_element(html, "td class=\"n\"", text);
}

static void elements_are_closed_by_their_name(void **state)
{
    (void)state;
    char *page = written(element, "<1>");
    assert_string_equal(page, "<td class=\"n\">&lt;1&gt;</td>");
    free(page);
}

static void drawing(struct tb_html *html, const char *svg)
{
    tb_html_svg(html, svg, strlen(svg), "a \"label\"");
}

static void drawings_lose_prolog_and_size_and_get_ids_of_their_own(void **state)
{
    (void)state;
    char *page = written(
        drawing, "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg width=\"9pt\" viewBox=\"0 0 9 9\" xmlns=\"s\">"
                 "<!-- a --><title>s1</title><g id=\"a\"><use xlink:href='#a'/><rect fill=\"url(#b)\"/></g></svg>\n");
    assert_string_equal(page, "<svg role=\"img\" viewBox=\"0 0 9 9\" preserveAspectRatio=\"xMidYMin meet\" "
                              "aria-label=\"a &quot;label&quot;\"><g id=\"f1-a\"><use xlink:href='#f1-a'/>"
                              "<rect fill=\"url(#f1-b)\"/></g></svg>\n");
    free(page);
}

static void what_is_no_drawing_becomes_a_sentence(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "<svg", "<svg viewBox=\"0 0 1 1\">", "text </svg>"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char *page = written(drawing, broken[i]);
        assert_non_null(strstr(page, "could not be made"));
        assert_null(strstr(page, "<svg"));
        free(page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(elements_are_closed_by_their_name),
        cmocka_unit_test(drawings_lose_prolog_and_size_and_get_ids_of_their_own),
        cmocka_unit_test(what_is_no_drawing_becomes_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
