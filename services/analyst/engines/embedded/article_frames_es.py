"""The writer's own sentences for a blog article, in Spanish; they state no fact either."""

from contracts.research import FindingKind
from services.analyst.natures import Nature

TITLES: tuple[tuple[str, ...], ...] = (
    ("{headline}", "{short}", "{topic}: lo que dicen los datos"),
    ("{topic}: qué preguntar antes de decidir", "Qué preguntar antes de decidir"),
    (
        "{topic}: qué viene y cómo leer las señales",
        "Qué está cambiando y cómo leer las señales",
    ),
    ("{topic}: cómo comparar sin ir a ciegas", "Cómo comparar sin ir a ciegas"),
)

INTROS: tuple[tuple[str, ...], ...] = (
    (
        (
            "{finding} Es una de esas frases que se comparten y se olvidan. Aquí nos quedamos un "
            "rato más con ella: qué hay alrededor, qué invita a no sacar conclusiones rápidas y "
            "qué se puede hacer."
        ),
        (
            "{finding} Una cifra suelta casi nunca cuenta toda la historia, así que la hemos "
            "puesto junto a otras, con la fuente de cada una a la vista. Los números entre "
            "paréntesis llevan a ellas."
        ),
    ),
    (
        (
            "Una buena pregunta sale más barata que una mala decisión. Así que, en lugar de otra "
            "lista de consejos, estas son las preguntas que haríamos nosotros, cada una con lo "
            "que dicen las fuentes. La primera nace de aquí. {finding}"
        ),
        (
            "Casi todas las decisiones parecen sencillas hasta que alguien hace la segunda "
            "pregunta. Hemos reunido unas cuantas de esas segundas preguntas, con los datos que "
            "hay. El primero dice así. {finding}"
        ),
    ),
    (
        (
            "Nadie sabe qué traerá el año que viene. Lo que sí se puede es leer las señales que "
            "ya están ahí y decidir cuáles importan. Esta es una de ellas. {finding}"
        ),
        (
            "Anunciar tendencias es fácil; comprobarlas, no tanto. Hemos ido por el camino lento "
            "y nos ceñimos a lo que dicen las fuentes. Empezamos por aquí. {finding}"
        ),
    ),
    (
        (
            "Comparar ofertas cansa, porque cada una trae su propia vara de medir. Se avanza más "
            "si primero se acuerda la medida. Aquí va una candidata. {finding}"
        ),
        (
            "Dos ofertas pueden sonar bien y estar pensadas para personas distintas. Para "
            "distinguirlas hace falta algo firme con lo que contrastarlas. Un ejemplo. {finding}"
        ),
    ),
)

HEADINGS: dict[FindingKind, tuple[str, ...]] = {
    FindingKind.TREND: (
        "{topic}: lo que viene",
        "Qué está cambiando",
        "Señales que merece la pena seguir",
        "Hacia dónde va",
    ),
    FindingKind.MARKET: (
        "{topic}: lo que dicen las cifras",
        "Los datos, sobre la mesa",
        "Lo que se sabe hasta ahora",
        "Dónde estamos",
    ),
    FindingKind.COMPETITOR: (
        "Qué más hay",
        "Cómo lo hacen otros",
        "Un vistazo a las alternativas",
        "Entre qué se puede elegir ya",
    ),
}
SECOND_HEADINGS = (
    "Más de cerca",
    "El detalle que se escapa",
    "La otra cara",
    "Bajo la superficie",
)

SECTION_OPENINGS: dict[FindingKind, tuple[str, ...]] = {
    FindingKind.TREND: (
        "La dirección importa tanto como el tamaño. Esto es lo que se mueve.",
        "Ni todo cambio es una tendencia ni toda tendencia llega a todos. Estas son candidatas.",
        "Quien planifica con más de una temporada de margen debería leer esta parte despacio.",
        "El cambio se ve mejor cuando se sabe dónde mirar.",
    ),
    FindingKind.MARKET: (
        "Antes de hablar de qué hacer, una mirada a cómo están las cosas.",
        "Esta es la parte que se puede contar, así que contemos.",
        "Muchas conversaciones parten de una sensación. Estas parten de una fuente.",
        "Dejemos las opiniones a un lado y miremos lo que está escrito.",
    ),
    FindingKind.COMPETITOR: (
        "Un retrato justo incluye a los demás. Aquí están, con sus propias condiciones.",
        "La comparación se hará de todos modos; mejor a la luz.",
        "La misma necesidad tiene más de una respuesta.",
        "Nadie parte de cero, y opciones no faltan.",
    ),
}

FOLLOWS: dict[str, tuple[str, ...]] = {
    Nature.ANSWER: (
        "¿A quién se preguntó, y cuánto se parece a [ti|usted]? Es lo primero que hay que mirar.",
        "Más que el tamaño de la cifra, lo útil es la pregunta que hay detrás.",
        "¿[Tu|Su] respuesta sería la misma? Para empezar basta una estimación.",
        "Suena obvio en cuanto alguien lo dice, y eso suele ser buena señal.",
        "Habrá quien se reconozca ahí.",
        "Si [tu|su] experiencia es otra, también es bueno saberlo.",
    ),
    Nature.PRICE: (
        "Una suma así solo dice algo cuando se pone junto a otra.",
        "Si es mucho o poco depende de lo que se reciba a cambio.",
        "Un precio a secas dice poco: hay que preguntar qué incluye.",
        "Es una referencia, no un veredicto.",
        "Antes de llamarlo caro o barato, conviene calcular lo que cuesta la alternativa.",
    ),
    Nature.CHANGE: (
        "Dentro de seis meses dirá más de lo que dice hoy.",
        "No hay que seguirlo; basta con haberlo visto.",
        "Un punto no es una curva, pero por ahí empiezan las curvas.",
        "Si durará está por ver. Que merece atención, no.",
        "Si continúa, ¿qué [harías|haría] de otra manera?",
        "Puede quedarse en nota al pie o pasar al texto principal.",
    ),
    Nature.FACT: (
        "Es una sola fuente: una pista, no una ley.",
        "¿Cómo se podría comprobar si vale también en [tu|su] caso?",
        "Vale la pena anotarlo junto a la propia experiencia.",
        "¿Qué tendría que pasar para que esto [te|le] afectara?",
        "Es lo bastante concreto para preguntar por ello, y por eso sirve.",
        "Si sorprende, mejor averiguar por qué antes de seguir.",
    ),
    FindingKind.COMPETITOR: (
        "Que convenga o no depende de para qué se necesite.",
        "Unos verán ahí una ventaja; otros, un hueco.",
        "Entra en la comparación, aunque no la decida.",
        "[Pregunta|Pregunte] qué hay detrás, y [haznos|háganos] la misma pregunta.",
    ),
}

TAKEAWAY_HEADINGS: tuple[tuple[str, ...], ...] = (
    ("Qué hacer con todo esto", "De leer a hacer"),
    ("Ahora, [tu|su] respuesta", "Preguntas para llevarse"),
    ("Cómo seguirlo de cerca", "Una manera sencilla de ir por delante"),
    ("Una lista para comparar", "Cómo ponerlo a prueba"),
)

TAKEAWAYS: tuple[tuple[str, ...], ...] = (
    (
        "No hace falta recordar cada línea. Con unos pocos pasos se llega lejos:",
        "Los datos solo sirven cuando tropiezan con una decisión de verdad. Para juntarlos:",
    ),
    (
        "Diez minutos tranquilos y las respuestas por escrito, antes de buscar nada:",
        "Merece la pena contestarlas por escrito, aunque no las lea nadie más:",
    ),
    (
        "Seguir una tendencia cuesta menos de lo que parece. Solo pide constancia:",
        "No hace falta ningún panel. Basta la página de un cuaderno:",
    ),
    (
        "Se compare lo que se compare: las mismas preguntas a todos, y las respuestas anotadas:",
        "Una comparación vale lo que valen sus preguntas. Estas son un buen comienzo:",
    ),
)

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "[Elige|Elija] el dato que más se acerque a [tu|su] situación.",
        "[Busca|Busque] lo mismo en [tus|sus] números, o [haz|haga] una estimación honesta.",
        "[Decide|Decida] un solo cambio, lo bastante pequeño para probarlo en un mes.",
    ),
    (
        "¿Qué datos eran de esperar y cuáles han sorprendido?",
        "¿Qué [sabes|sabe] de [tu|su] propio caso y qué [das|da] simplemente por hecho?",
        "¿Quién podría contar más, y cuál sería la primera pregunta?",
    ),
    (
        "[Elige|Elija] dos de estas señales y [anota|anote] cómo están hoy en [tu|su] caso.",
        "[Pon|Ponga] una fecha en el calendario para volver a mirarlas.",
        "[Decide|Decida] de antemano qué hacer si alguna se mueve.",
    ),
    (
        "¿De dónde sale la afirmación, y se puede leer la fuente?",
        "¿Describe a personas en la misma situación o a otras?",
        "¿Cuánto costaría equivocarse, y cuándo se notaría?",
    ),
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
