"""The writer's own sentences for a blog article, in Spanish; they state no fact either."""

from services.analyst.engines.embedded.sections import Group

TITLES: tuple[tuple[str, ...], ...] = (
    (
        "{headline}",
        "{short}",
        "{subject}: lo que dicen las fuentes",
        "{topic}: lo que dicen las fuentes",
    ),
    (
        "{subject}: qué preguntar antes de decidir",
        "{topic}: qué preguntar antes de decidir",
        "Qué preguntar antes de decidir",
    ),
    (
        "{topic}: qué viene y cómo leerlo",
        "Qué viene y cómo leerlo",
    ),
    ("{topic}: cómo comparar sin ir a ciegas", "Cómo comparar sin ir a ciegas"),
)

ROADMAPS: tuple[tuple[str, ...], ...] = (
    (
        "Este artículo va por orden: {one}, luego {two}, después {three} y, al final, qué hacer.",
        "Este artículo va por orden: {one}, luego {two} y, al final, qué hacer.",
    ),
    (
        (
            "Tres preguntas llevan por este artículo: {one}, {two} y {three}. La cuarta es "
            "[tuya|suya]."
        ),
        "Dos preguntas llevan por este artículo: {one} y {two}. La tercera es [tuya|suya].",
    ),
    (
        "Para ver qué significa en [tu|su] caso, miramos {one}, {two} y {three}.",
        "Para ver qué significa en [tu|su] caso, miramos {one} y {two}.",
    ),
    (
        (
            "Para comparar hace falta suelo firme. Por eso va primero {one}, luego {two} y por "
            "último "
            "{three}."
        ),
        "Para comparar hace falta suelo firme. Por eso va primero {one}, y luego {two}.",
    ),
)

GROUPS_NAMED: dict[Group, str] = {
    Group.TROUBLE: "dónde está el problema",
    Group.STATE: "cómo están las cosas",
    Group.WISHES: "qué se pide",
    Group.CHANGES: "qué está cambiando",
    Group.MOVEMENT: "qué se pide y qué está cambiando",
    Group.MEANS: "qué dicen que ayuda",
    Group.RIVALS: "qué ofrecen otros",
}

HEADINGS: dict[Group, tuple[str, ...]] = {
    Group.TROUBLE: ("Dónde está el problema", "Lo que falla"),
    Group.STATE: ("{subject}: cómo están las cosas", "Cómo están las cosas", "Lo que se sabe"),
    Group.WISHES: ("Qué se pide", "Lo que la gente quiere"),
    Group.CHANGES: ("Qué está cambiando", "Hacia dónde va"),
    Group.MOVEMENT: ("Qué se pide y qué está cambiando",),
    Group.MEANS: ("Lo que dicen que ayuda", "Qué se puede hacer"),
    Group.RIVALS: ("Qué ofrecen otros", "Entre qué se puede elegir ya"),
}
SECOND_HEADINGS = ("Más de cerca", "Más sobre lo mismo", "Y al lado de eso")

SECTION_OPENINGS: dict[Group, tuple[str, ...]] = {
    Group.TROUBLE: (
        "Nadie busca una respuesta antes de tener una pregunta. Así que primero, la dificultad.",
        "Se empieza por lo que lo hace difícil.",
    ),
    Group.STATE: (
        "Antes de hablar de qué hacer, una mirada a cómo están las cosas.",
        "Muchas conversaciones parten de una sensación. Estas parten de una fuente.",
        "Dejemos las opiniones a un lado y miremos lo que está escrito.",
    ),
    Group.WISHES: (
        "Quien sabe lo que otros piden puede decir mejor lo que quiere.",
        "Las ofertas dicen lo que alguien tiene. Esto dice lo que se quiere.",
    ),
    Group.CHANGES: (
        "Una decisión dura más que el día en que se toma. Por eso, una mirada a lo que se mueve.",
        "No todo cambio llega a todos. Estos son candidatos.",
    ),
    Group.MOVEMENT: (
        "Lo que se pide y hacia dónde va todo: cualquiera de las dos puede ser razón para moverse.",
    ),
    Group.MEANS: (
        "Ahora, lo que se puede hacer. Las fuentes nombran algunos medios; si encajan, se verá.",
        "¿Qué nombran las fuentes que ayude, y hasta dónde llega?",
    ),
    Group.RIVALS: (
        "Un retrato justo incluye a los demás. Aquí están, con sus propias condiciones.",
        "La comparación se hará de todos modos; mejor a la luz.",
    ),
}

TAKEAWAY_HEADINGS: tuple[tuple[str, ...], ...] = (
    ("Qué hacer con todo esto", "De leer a hacer"),
    ("Ahora, [tu|su] respuesta", "Preguntas para llevarse"),
    ("Cómo seguirlo de cerca", "Una manera sencilla de ir por delante"),
    ("Una lista para comparar", "Cómo ponerlo a prueba"),
)

PEOPLE_STEPS: tuple[str, ...] = (
    "**{people}**: ¿[te incluyes|se incluye]?",
    "**{people}**: ¿[habrías|habría] dicho más o menos?",
    "**{people}**: [anota|anote] dónde [estás|está] hoy y [compara|compare] la próxima vez.",
    "**{people}**: [pregunta|pregunte] si la oferta se pensó para ese grupo.",
)

CLOSINGS: tuple[tuple[str, ...], ...] = (
    (
        (
            "Nada de esto sustituye al propio criterio, aunque quizá ahorre un rodeo. Si el "
            "siguiente paso [quieres|quiere] darlo con {business}, está aquí:"
        ),
        (
            "Hasta aquí los datos que hemos podido seguir. Qué construir sobre ellos es cosa "
            "[tuya|suya]. Y si apetece compañía, {business} queda cerca:"
        ),
    ),
    (
        (
            "Puede que la mejor pregunta sea la que este artículo no ha hecho. Si [la tienes|la "
            "tiene], en {business} nos encantará buscarle respuesta:"
        ),
        (
            "Las respuestas cambian; las buenas preguntas se quedan. Si alguna lleva hasta "
            "{business}, la puerta está abierta:"
        ),
    ),
    (
        (
            "Las señales están a la vista de todos. La ventaja es leerlas un poco antes, y en eso "
            "{business} puede echar una mano:"
        ),
        (
            "Nada de esto es seguro, y ahí está la gracia: queda margen para actuar. El primer "
            "paso con {business} está a un clic:"
        ),
    ),
    (
        (
            "La misma lista para todas las ofertas, la nuestra incluida. No lo querríamos de otro "
            "modo. Así se empieza con {business}:"
        ),
        "Toda comparación necesita un primer candidato. {business} se presenta:",
    ),
)
